/* What can be said in another language: which members of which items, and where their texts are kept. */
#ifndef PALPATE_RULES_WORDS_PRIV_H
#define PALPATE_RULES_WORDS_PRIV_H

#include "rules/rules_priv.h"

/* One member of an item's words. Its text goes to `offset` of the item's struct of words. */
struct word {
    const char *name;
    enum {
        WORD_TEXT,    /* struct str */
        WORD_LINES,   /* struct strs */
        WORD_OBJECT,  /* an object with words of its own, in the same struct */
        WORD_OBJECTS, /* a list of objects with words of their own: an array of structs and its length */
        WORD_UNUSED,  /* checked, but no answer holds it */
    } form;
    size_t offset;
    bool for_client;          /* counts among what a client reads */
    bool needed;              /* no object goes without it */
    const struct words *each; /* of WORD_OBJECT and WORD_OBJECTS */
    size_t size;              /* of one struct of WORD_OBJECTS */
};

struct words {
    const struct word *at;
    size_t n;
};
enum { WORDS_MAX = 12 };

/* An item by its place, with its words in one language; p of the id is NULL behind the last. */
struct item {
    struct str id;
    void *words;
};

enum { TEXT_SECTIONS = 8 };
extern const struct section {
    const char *name; /* of the member, in a document as in a translation */
    const struct words *words;
    /* NULL: no words are kept, and items are looked up in the document */
    struct item (*item)(const struct catalogue *cat, const struct language *l, uint32_t i);
} text_sections[TEXT_SECTIONS];

/* Item `i` of a section with its words in `l`; false behind the last. */
static inline bool section_item(const struct section *s, const struct catalogue *cat, const struct language *l,
                                uint32_t i, struct item *ret)
{
    *ret = s->item ? s->item(cat, l, i) : (struct item){ { NULL, 0 }, NULL };
    return ret->id.p != NULL;
}

/* A list of words wherever it stands: strs, phases_words. */
struct list {
    void *at;
    size_t n;
};
static_assert(sizeof(struct list) == sizeof(struct strs) && sizeof(struct list) == sizeof(struct phases_words) &&
                  offsetof(struct list, n) == offsetof(struct strs, n) &&
                  offsetof(struct list, n) == offsetof(struct phases_words, n),
              "lists of words are laid out alike");

static inline struct list list_at(const void *words, const struct word *w)
{
    struct list list = { NULL, 0 };
    if (words)
        memcpy(&list, (const char *)words + w->offset, sizeof(list));
    return list;
}

static inline struct str text_at(const void *words, const struct word *w)
{
    struct str s = { NULL, 0 };
    if (words)
        memcpy(&s, (const char *)words + w->offset, sizeof(s));
    return s;
}

#endif

/* Shared by the files of rules/ only. */
#ifndef PALPATE_RULES_RULES_PRIV_H
#define PALPATE_RULES_RULES_PRIV_H

#include <jansson.h>

#include "domain/json_read.h"
#include "rules/rules.h"

struct cond_builder {
    struct catalogue *cat; /* facts, their `up` lists and the definitions are settled */
    struct faults *faults;
    bool oom;
    VEC(struct term) terms;
    VEC(struct need) needs;
    VEC(struct attr_test) tests;
    VEC(struct scalar_test) scalars;
    VEC(uint32_t) absents;
    VEC(int32_t) excluded;
    VEC(struct choice) choices;
    VEC(struct part) parts;
};

/* Compiles `json`; on a fault the result is never true. */
struct cond cond_compile(struct cond_builder *b, const json_t *json, enum cond_context ctx, const struct where *at);
void cond_pool_finish(struct cond_builder *b);
bool attr_test_passes(const struct cond_pool *pool, const struct attr_test *t, int32_t value) PURE;

/* Brings a document into canonical form, in place, and writes it. */
enum rc source_finish(json_t *doc, struct source_doc *ret, struct error *reterr) MUST_USE;

/* A rule's target on one technique. `kind` is "technique" or "stroke". Faults are reported when `faults` is given. */
bool target_matches(const json_t *json, const struct technique *t, struct str kind, const struct where *at,
                    struct faults *faults);

/* What the parts of catalogue_new() share while a document is read. */
struct builder {
    struct catalogue *cat;
    struct faults *faults;
    struct cond_builder conds;
    const json_t *doc;
    struct str *technique_kind; /* per technique */
    bool oom;
};

/* Each reads its part of the document; catalogue.c says in which order. */
void read_definitions(struct builder *b);
void read_facts(struct builder *b);
void read_ask_if(struct builder *b);
void read_evidence(struct builder *b);
void read_techniques(struct builder *b);
void read_rules(struct builder *b);
void read_courses(struct builder *b);
void read_adjustments(struct builder *b);
void read_replans(struct builder *b);
void read_languages(struct builder *b);
/* Once all conditions are compiled. */
void index_dates(struct builder *b);
void build_resources(struct builder *b);

/* Reading helpers: each reports what is wrong and returns a harmless value. */
struct str take_str(struct builder *b, const json_t *item, const char *member, const struct where *at);
struct strs take_strs(struct builder *b, const json_t *item, const char *member, const struct where *at);
int32_t take_int(struct builder *b, const json_t *item, const char *member, int32_t min, int32_t max, int32_t otherwise,
                 const struct where *at);
bool take_bool(struct builder *b, const json_t *item, const char *member, const struct where *at);
int take_word(struct builder *b, const json_t *item, const char *member, const struct vocabulary *words, int otherwise,
              const struct where *at);
/* Bit set of the members listed. */
uint32_t take_words(struct builder *b, const json_t *item, const char *member, const struct vocabulary *words,
                    const struct where *at);
struct fact_list take_facts(struct builder *b, const json_t *item, const char *member, const struct where *at);
uint64_t take_technique_set(struct builder *b, const json_t *item, const char *member, const struct where *at);
uint8_t *take_technique_list(struct builder *b, const json_t *item, const char *member, uint32_t *ret_n,
                             const struct where *at);
struct source *take_evidence(struct builder *b, const json_t *item, uint32_t *ret_n, const struct where *at);
bool read_modification(struct builder *b, const json_t *item, struct mod *ret, const struct where *at);
/* Faults ids that stand twice, by an index in bytewise order of id, which it returns. */
const uint32_t *index_by_id(struct builder *b, const struct str *ids, uint32_t n, const char *what);

void *builder_array(struct builder *b, size_t n, size_t size);
#define BUILD_ARRAY(b, type, n) ((type *)builder_array((b), (n), sizeof(type)))

/* The longest text a catalogue may hold in one place, in characters. */
enum { TEXT_LEN_MAX = 4000, NAME_LEN_MAX = 200 };

#endif

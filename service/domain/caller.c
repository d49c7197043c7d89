#include "domain/caller.h"

static const char *const names[] = {
#define X(id, name) [id] = (name),
    SCOPE_LIST(X)
#undef X
};
static_assert(ARRAY_LEN(names) == SCOPE_COUNT_, "every scope has a name");

const char *scope_name(enum scope scope)
{
    return names[scope];
}

bool scope_from_name(struct str name, enum scope *ret)
{
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (str_eq(name, str_of(names[i]))) {
            *ret = (enum scope)i;
            return true;
        }
    }
    return false;
}

unsigned scopes_among(struct str list)
{
    unsigned scopes = 0;
    for (size_t i = 0, n; i < list.n; i += n + 1) {
        const char *space = memchr(list.p + i, ' ', list.n - i);
        enum scope scope;
        n = space ? (size_t)(space - list.p) - i : list.n - i;
        if (scope_from_name((struct str){ list.p + i, n }, &scope))
            scopes |= 1U << scope;
    }
    return scopes;
}

const char *caller_person(const struct caller *c)
{
    return *c->holder ? c->holder : c->key;
}

bool is_clinic_id(struct str s)
{
    if (s.n == 0 || s.n >= CLINIC_BYTES || s.p[0] < 'a' || s.p[0] > 'z')
        return false;
    for (size_t i = 1; i < s.n; i++) {
        char c = s.p[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_' && c != '-')
            return false;
    }
    return true;
}

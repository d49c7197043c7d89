#include "wire/wire.h"

#include "base/date.h"

static void separate(struct json_out *o, const char *member)
{
    if (o->comma)
        buf_add_char(o->b, ',');
    o->comma = true;
    if (member) {
        buf_add_char(o->b, '"');
        buf_add(o->b, member, strlen(member));
        BUF_ADD_LIT(o->b, "\":");
    }
}

void out_open(struct json_out *o, const char *member, char bracket)
{
    separate(o, member);
    buf_add_char(o->b, bracket);
    o->comma = false;
}

void out_close(struct json_out *o, char bracket)
{
    buf_add_char(o->b, bracket);
    o->comma = true;
}

/* Everything but quotes, backslashes and control characters stands for itself (RFC 8259). */
static void add_escaped(struct buf *b, struct str s)
{
    static const char hex[] = "0123456789abcdef";
    size_t from = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        buf_add(b, s.p + from, i - from);
        from = i + 1;
        buf_add_char(b, '\\');
        if (c == '"' || c == '\\') {
            buf_add_char(b, (char)c);
        } else {
            BUF_ADD_LIT(b, "u00");
            buf_add_char(b, hex[c >> 4]);
            buf_add_char(b, hex[c & 15]);
        }
    }
    if (from < s.n)
        buf_add(b, s.p + from, s.n - from);
}

void out_str(struct json_out *o, const char *member, struct str s)
{
    separate(o, member);
    buf_add_char(o->b, '"');
    add_escaped(o->b, s);
    buf_add_char(o->b, '"');
}

void out_int(struct json_out *o, const char *member, int64_t v)
{
    separate(o, member);
    buf_add_int(o->b, v);
}

void out_bool(struct json_out *o, const char *member, bool v)
{
    separate(o, member);
    buf_add_str(o->b, v ? STR("true") : STR("false"));
}

void out_date(struct json_out *o, const char *member, int32_t day)
{
    char text[DATE_TEXT_LEN + 1];
    date_format(day, text);
    out_str(o, member, (struct str){ text, DATE_TEXT_LEN });
}

void out_per_week(struct json_out *o, const char *member, int32_t v)
{
    int32_t rest = v % PER_WEEK_SCALE;
    out_int(o, member, v / PER_WEEK_SCALE);
    for (int32_t step = PER_WEEK_SCALE / 10; rest; rest %= step, step /= 10) {
        if (step == PER_WEEK_SCALE / 10)
            buf_add_char(o->b, '.');
        buf_add_char(o->b, (char)('0' + rest / step));
        if (step == 1)
            break;
    }
}

void out_strs(struct json_out *o, const char *member, struct strs s)
{
    if (s.n == 0)
        return;
    out_open(o, member, '[');
    for (size_t i = 0; i < s.n; i++)
        out_str(o, NULL, s.at[i]);
    out_close(o, ']');
}

void out_str_if(struct json_out *o, const char *member, struct str s)
{
    if (s.n)
        out_str(o, member, s);
}

/* The last catalogues that were in force, kept in a folder so that the service can start without its database.
 *
 * A document is a file named after its digest; the file "in-force" says which clinic has which, and ends with a digest
 * of itself. Files are written aside and renamed, so that there is an old one or a new one and never a part; what
 * does not fit its digest when it is read is not used. */
#include "live/live_priv.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"

#define NOTE_NAME "in-force"
#define NOTE_HEAD "palpate cache 1\n"
#define ASIDE     ".new-"

enum { FILE_BYTES_MAX = 64 * 1024 * 1024, NAME_BYTES = 128, LINE_BYTES = CLINIC_BYTES + DIGEST_TEXT_LEN + 32 };

static void close_dir(const int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

/* The folder, locked against other processes that write. */
static enum rc open_dir(const char *dir, bool writes, int *ret_fd, struct error *reterr)
{
    if (writes && mkdir(dir, 0700) != 0 && errno != EEXIST)
        return error_set(reterr, RC_FILE, "cannot make the folder %s (%m)", dir);
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return error_set(reterr, RC_NOT_FOUND, "there is no folder %s", dir);
    if (fd < 0)
        return error_set(reterr, RC_FILE, "cannot open the folder %s (%m)", dir);
    if (flock(fd, writes ? LOCK_EX : LOCK_SH) != 0) {
        (void)close(fd);
        return error_set(reterr, RC_FILE, "cannot lock the folder %s (%m)", dir);
    }
    *ret_fd = fd;
    return RC_OK;
}

static bool write_all(int fd, struct str text)
{
    while (text.n) {
        ssize_t k = write(fd, text.p, text.n);
        if (k < 0 && errno != EINTR)
            return false;
        text.p += k > 0 ? k : 0;
        text.n -= k > 0 ? (size_t)k : 0;
    }
    return true;
}

static enum rc write_file(int dir, const char *name, struct str text, struct error *reterr)
{
    char aside[NAME_BYTES];
    (void)snprintf(aside, sizeof(aside), ASIDE "%s", name);
    int fd = openat(dir, aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool good = fd >= 0 && write_all(fd, text) && fsync(fd) == 0;
    if (fd >= 0)
        good &= close(fd) == 0;
    good = good && renameat(dir, aside, dir, name) == 0 && fsync(dir) == 0;
    if (good)
        return RC_OK;
    enum rc rc = error_set(reterr, RC_FILE, "cannot write %s in the folder of the cache (%m)", name);
    (void)unlinkat(dir, aside, 0);
    return rc;
}

static enum rc read_file(int dir, const char *name, struct buf *into, struct error *reterr)
{
    char part[65536];
    int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return error_set(reterr, errno == ENOENT ? RC_NOT_FOUND : RC_FILE, "cannot read %s of the cache (%m)", name);
    ssize_t k;
    while ((k = read(fd, part, sizeof(part))) > 0 && !into->failed)
        buf_add(into, part, (size_t)k);
    (void)close(fd);
    if (k == 0 && !into->failed)
        return RC_OK;
    return error_set(reterr, RC_FILE, "cannot read %s of the cache%s", name, into->failed ? ": it is too large" : "");
}

static void document_name(const char *digest, char name[static NAME_BYTES])
{
    (void)snprintf(name, NAME_BYTES, "%.64s.json", digest);
}

enum rc cache_keep(const char *dir, const struct source_doc *doc, struct error *reterr)
{
    CLEANUP(close_dir) int fd = -1;
    char name[NAME_BYTES];
    document_name(doc->digest, name);
    enum rc rc = open_dir(dir, true, &fd, reterr);
    return rc == RC_OK ? write_file(fd, name, doc->text, reterr) : rc;
}

/* Documents that nothing is noted of, and what was left aside. */
static void forget_others(int dir, const struct in_force *now)
{
    int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = copy >= 0 ? fdopendir(copy) : NULL;
    if (!list) {
        close_dir(&copy);
        return;
    }
    for (const struct dirent *e; (e = readdir(list)) != NULL;) { /* NOLINT(concurrency-mt-unsafe) */
        bool ours = strlen(e->d_name) == DIGEST_TEXT_LEN + 5 && strcmp(e->d_name + DIGEST_TEXT_LEN, ".json") == 0;
        bool needed = false;
        for (size_t i = 0; ours && i < now->n; i++)
            needed |= strncmp(e->d_name, now->at[i].cat->digest, DIGEST_TEXT_LEN) == 0;
        if ((ours && !needed) || strncmp(e->d_name, ASIDE, strlen(ASIDE)) == 0)
            (void)unlinkat(dir, e->d_name, 0);
    }
    (void)closedir(list);
}

enum rc cache_note(const char *dir, const struct in_force *now, struct error *reterr)
{
    CLEANUP(close_dir) int fd = -1;
    CLEANUP(buf_done) struct buf note;
    char digest[DIGEST_TEXT_LEN + 1];
    buf_init(&note, FILE_BYTES_MAX);
    BUF_ADD_LIT(&note, NOTE_HEAD);
    for (size_t i = 0; i < now->n; i++) {
        const struct in_force_entry *e = &now->at[i];
        buf_printf(&note, "%d", e->version);
        if (e->overlay)
            buf_printf(&note, "+%d", e->overlay);
        buf_printf(&note, " %s %s\n", e->cat->digest, e->clinic);
    }
    if (note.failed)
        return error_oom(reterr);
    digest_sha256(buf_str(&note), digest);
    buf_printf(&note, "%s\n", digest);
    if (note.failed)
        return error_oom(reterr);
    enum rc rc = open_dir(dir, true, &fd, reterr);
    if (rc == RC_OK)
        rc = write_file(fd, NOTE_NAME, buf_str(&note), reterr);
    if (rc == RC_OK)
        forget_others(fd, now);
    return rc;
}

/* One line: version, +overlay where there is one, digest, clinic. */
static bool read_row(struct str line, struct cache_row *ret)
{
    char text[LINE_BYTES], *end;
    if (line.n >= sizeof(text) || memchr(line.p, '\0', line.n))
        return false;
    memcpy(text, line.p, line.n);
    text[line.n] = '\0';
    long version = strtol(text, &end, 10), overlay = 0;
    if (end == text)
        return false;
    if (*end == '+')
        overlay = strtol(end + 1, &end, 10);
    if (version < 0 || version > INT32_MAX || overlay < 0 || overlay > INT32_MAX || *end != ' ' ||
        strlen(end) < DIGEST_TEXT_LEN + 2 || end[DIGEST_TEXT_LEN + 1] != ' ' ||
        strlen(end + DIGEST_TEXT_LEN + 2) >= CLINIC_BYTES)
        return false;
    ret->version = (int32_t)version;
    ret->overlay = (int32_t)overlay;
    (void)snprintf(ret->digest, sizeof(ret->digest), "%.64s", end + 1);
    (void)snprintf(ret->clinic, sizeof(ret->clinic), "%s", end + DIGEST_TEXT_LEN + 2);
    return strspn(ret->digest, "0123456789abcdef") == DIGEST_TEXT_LEN;
}

/* The lines between the head and the digest at the end, if that fits. */
static bool note_lines(struct str note, struct str *ret)
{
    char digest[DIGEST_TEXT_LEN + 1];
    size_t head = strlen(NOTE_HEAD), tail = DIGEST_TEXT_LEN + 1;
    if (note.n < head + tail || memcmp(note.p, NOTE_HEAD, head) != 0)
        return false;
    digest_sha256((struct str){ note.p, note.n - tail }, digest);
    *ret = (struct str){ note.p + head, note.n - tail - head };
    return memcmp(note.p + note.n - tail, digest, DIGEST_TEXT_LEN) == 0 && (!ret->n || ret->p[ret->n - 1] == '\n');
}

enum rc cache_read_note(struct str note, struct cache_row **ret, size_t *ret_n, struct error *reterr)
{
    struct str lines;
    size_t n = 0;
    if (!note_lines(note, &lines) || !lines.n)
        return error_set(reterr, RC_FILE, NOTE_NAME " of the cache is damaged");
    for (size_t i = 0; i < lines.n; i++)
        n += lines.p[i] == '\n';
    struct cache_row *rows = n ? calloc(n, sizeof(*rows)) : NULL;
    if (!rows)
        return error_oom(reterr);
    for (size_t i = 0; i < n; i++) {
        struct str line = { lines.p, (size_t)((const char *)memchr(lines.p, '\n', lines.n) - lines.p) };
        if (!read_row(line, &rows[i]) || (i == 0) != (rows[i].clinic[0] == '\0') ||
            (i && strcmp(rows[i - 1].clinic, rows[i].clinic) >= 0)) {
            free(rows);
            return error_set(reterr, RC_FILE, NOTE_NAME " of the cache is damaged");
        }
        lines.p += line.n + 1;
        lines.n -= line.n + 1;
    }
    *ret = rows;
    *ret_n = n;
    return RC_OK;
}

enum rc cache_noted(const char *dir, struct cache_row **ret, size_t *ret_n, struct error *reterr)
{
    CLEANUP(close_dir) int fd = -1;
    CLEANUP(buf_done) struct buf note;
    buf_init(&note, FILE_BYTES_MAX);
    enum rc rc = open_dir(dir, false, &fd, reterr);
    if (rc == RC_OK)
        rc = read_file(fd, NOTE_NAME, &note, reterr);
    return rc == RC_OK ? cache_read_note(buf_str(&note), ret, ret_n, reterr) : rc;
}

enum rc cache_kept(const char *dir, const char *digest, struct source_doc *ret, struct error *reterr)
{
    CLEANUP(close_dir) int fd = -1;
    CLEANUP(buf_done) struct buf text;
    struct source_doc doc = { 0 };
    char name[NAME_BYTES];
    document_name(digest, name);
    buf_init(&text, FILE_BYTES_MAX);
    enum rc rc = open_dir(dir, false, &fd, reterr);
    if (rc == RC_OK)
        rc = read_file(fd, name, &text, reterr);
    if (rc == RC_OK)
        rc = source_load_text(buf_str(&text), &doc, reterr);
    if (rc == RC_OK && strcmp(doc.digest, digest) != 0) {
        source_done(&doc);
        return error_set(reterr, RC_FILE, "a catalogue of the cache does not fit its digest");
    }
    if (rc == RC_OK)
        *ret = doc;
    return rc;
}

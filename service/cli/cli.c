/* Which command, with which settings and operands. */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>

#ifndef PALPATE_VERSION
#error "the build gives the version"
#endif

static const struct command {
    const char *group, *name; /* group may be NULL */
    int (*run)(const struct call *c);
    const char *operand; /* in the usage; NULL when there is none, [..] when it may be left out */
    const char *help;
} commands[] = {
    { NULL, "serve", command_serve, NULL,
      "answer on HTTP until told to stop by SIGTERM or SIGINT; --example-key FILE names the file of a key in the\n"
      "request that is proposed at the start" },
    { NULL, "health", command_health, NULL,
      "ask the service that runs here with these settings whether it is fit to serve, or with --live whether it runs;\n"
      "exit status 1 when it is not" },
    { NULL, "migrate", command_migrate, NULL,
      "bring the database's tables up to date; --allow-newer: a database of a later program is left as it is" },
    { NULL, "screen", command_screen, "[FILE|-]",
      "judge one request from a file or standard input and print the answer" },
    { NULL, "explain", command_explain, "[FILE|-]",
      "read a request, or an answer, from a file or standard input and print the answer as a page for people" },
    { NULL, "settings", command_settings, NULL, "print the table of settings as Markdown" },
    { "catalogue", "check", command_catalogue_check, "[VERSION]",
      "read and check the catalogue's files; print every fault, then every finding that is not accepted, and how much\n"
      "is translated. --all prints accepted findings, too; --strict makes the exit status 2 when there are others;\n"
      "--missing LANGUAGE lists what is not translated. With VERSION: check one of the database with the accepted\n"
      "findings of --accepted FILE, or those beside the files, and note the outcome; without findings it is checked" },
    { "catalogue", "load", command_catalogue_load, NULL,
      "store the catalogue's files in the database. --draft: as a draft of --as NAME. Else, for development and the\n"
      "first start, put them in force in one step; --only-new leaves what is in force alone when they were stored\n"
      "before, --first when anything is in force" },
    { "catalogue", "publish", command_catalogue_publish, "VERSION",
      "publish a checked version, signed off by someone other than its author: --signed-by NAME" },
    { "catalogue", "activate", command_catalogue_activate, "VERSION",
      "put a published version in force for all clinics, or with --clinic ID for one; an older one to roll back" },
    { "catalogue", "deactivate", command_catalogue_deactivate, "VERSION",
      "let the clinic of --clinic ID follow again what is in force for all" },
    { "catalogue", "retire", command_catalogue_retire, "VERSION", "see that a version is never in force again" },
    { "catalogue", "history", command_catalogue_history, "[VERSION]",
      "print who did what with which version; --as NAME says who acts, else it is the login's name" },
    { "catalogue", "list", command_catalogue_list, NULL, "list the versions in the database" },
    { "catalogue", "show", command_catalogue_show, NULL,
      "print the catalogue's summary as JSON, or one item of it in words: --rule ID, --course ID, --fact ID,\n"
      "      --technique CODE, --evidence ID; with --json the item as it is stored" },
    { "catalogue", "impact", command_catalogue_impact, "[DRAFT]",
      "judge requests under the catalogue and under a draft, a folder or a version of the database, and print what\n"
      "      differs; the exit status is 1 when something gets milder. --against BASE compares with another one;\n"
      "      --requests FILE judges requests that were kept, one a line; --generate N makes N requests, from --seed S\n"
      "      on, instead of as many as meet every rule; --json prints it all. With --overlay alone that is the draft" },
    { "overlay", "load", command_overlay_load, "[FILE|-]",
      "check an overlay on what is in force for the clinic of --clinic ID, store it, and put it in force for that\n"
      "clinic; --as NAME says who does. An older one is put in force again by loading it again" },
    { "overlay", "list", command_overlay_list, NULL, "list the overlays that the clinic of --clinic ID has stored" },
    { "overlay", "withdraw", command_overlay_withdraw, NULL,
      "let the catalogue alone be in force for the clinic of --clinic ID; --as NAME" },
    { "records", "verify", command_records_verify, NULL,
      "compute the chain of records anew, of every clinic or with --clinic ID of one, and name the first place where\n"
      "      it is broken; exit status 1 then" },
    { "records", "purge", command_records_purge, NULL,
      "take away the records that are older than their clinic keeps them; --clinic ID: of one clinic only" },
    { "records", "export", command_records_export, NULL,
      "print the requests that were kept, one a line, as catalogue impact --requests reads them: they are health\n"
      "      data; --clinic ID: of one clinic only" },
    { "records", "replay", command_records_replay, "ID",
      "decide a recorded request again by the catalogue of its time and say whether the answer is the same; exit\n"
      "      status 1 when it is not, or when the request was not kept" },
    { "records", "show", command_records_show, "ID",
      "print a record as JSON; --clinic ID: where it is one of this clinic" },
    { "clinic", "create", command_clinic_create, "ID",
      "make a clinic: --name NAME [--keep-payload] [--retention-days N]; with --keep-payload the requests themselves\n"
      "      are kept with their records, which are kept for N days (3650)" },
    { "clinic", "list", command_clinic_list, NULL, "list the clinics; with --json as JSON" },
    { "clinic", "close", command_clinic_close, "ID", "let no key of the clinic work from now on" },
    { "key", "create", command_key_create, NULL,
      "make an API key and print it, once: --clinic ID --name NAME [--scope SCOPE,...] [--holder PERSON]\n"
      "      [--expires DATE|DAYS]; the scopes are screen (the default), records:read, catalogue:write, which needs "
      "the\n"
      "      person who answers for what is done with the key, and admin; it works through DATE, or for DAYS days" },
    { "key", "list", command_key_list, NULL,
      "list the keys, or with --clinic ID those of one clinic; with --json as JSON" },
    { "key", "revoke", command_key_revoke, "ID", "let a key work no more, in every running service within seconds" },
    { "key", "check", command_key_check, "[FILE|-]",
      "read a key and say whose it is; exit status 1 when it does not work" },
};

int fail(const struct error *err)
{
    (void)fflush(stdout);
    fprintf(stderr, "palpate: %s\n", err->text);
    return rc_exit_status(err->code);
}

void print_faults(const struct faults *faults)
{
    for (size_t i = 0; i < faults->n; i++) {
        const struct fault *f = &faults->at[i];
        fprintf(stderr, "%.*s%s%.*s: %.*s%s%.*s [%s]\n", STR_ARGS(f->item), f->item.n && f->pointer.n ? " " : "",
                STR_ARGS(f->pointer), STR_ARGS(f->detail), f->remedy.n ? "; " : "", STR_ARGS(f->remedy),
                fault_name(f->code));
    }
    if (faults->total > faults->n)
        fprintf(stderr, "... and %zu more\n", faults->total - faults->n);
}

static void print_usage(const struct command *c)
{
    printf("  palpate %s%s%s%s%s\n      %s\n", c->group ? c->group : "", c->group ? " " : "", c->name,
           c->operand ? " " : "", c->operand ? c->operand : "", c->help);
}

static int help(const char *group, const struct command *only)
{
    if (!only && !group)
        printf("palpate: screens people for contraindications before a massage.\n"
               "It supports a decision and makes no diagnosis.\n\n");
    printf("Usage:\n");
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        if (only ? only == &commands[i] : !group || (commands[i].group && strcmp(commands[i].group, group) == 0))
            print_usage(&commands[i]);
    printf("  palpate --help | --version\n\n");
    settings_print_help();
    printf("\nOther options: --help, and --pretty for readable JSON; --overlay FILE, of screen, explain and catalogue\n"
           "check, show and impact: a clinic's own rules on top of the catalogue.\n"
           "Exit status: 0 done; 1 refused or faults found; 2 findings (with --strict); 64 wrong use; 65 unreadable "
           "data; 66 no input;\n"
           "69 something needed is not there; 70 internal error; 71 the system refused; 78 wrong setting.\n");
    return EXIT_OK;
}

static int usage_error(const char *what, const char *which)
{
    struct error err;
    (void)error_set(&err, RC_USAGE, "%s%s%s: see palpate --help", what, which ? " " : "", which ? which : "");
    return fail(&err);
}

static bool is_group(const char *word)
{
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        if (commands[i].group && strcmp(commands[i].group, word) == 0)
            return true;
    return false;
}

static const struct command *find_command(const char *group, const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        bool same_group = group ? commands[i].group && strcmp(commands[i].group, group) == 0 : !commands[i].group;
        if (same_group && strcmp(commands[i].name, name) == 0)
            return &commands[i];
    }
    return NULL;
}

/* An option that only some commands know: is it one, and does it take a value? */
static enum option {
    OPTION_NONE,
    OPTION_FLAG,
    OPTION_VALUE
} own_option(const struct command *cmd, struct call *c, const char *flag, const char *value)
{
    const struct {
        const char *flag;
        const char **to;
        int (*of)(const struct call *c);
    } items[] = {
        { "rule", &c->rule, command_catalogue_show },
        { "fact", &c->fact, command_catalogue_show },
        { "course", &c->course, command_catalogue_show },
        { "technique", &c->technique, command_catalogue_show },
        { "evidence", &c->evidence, command_catalogue_show },
        { "missing", &c->missing, command_catalogue_check },
        { "example-key", &c->example_key, command_serve },
        { "name", &c->name, command_clinic_create },
        { "retention-days", &c->retention_days, command_clinic_create },
        { "clinic", &c->clinic, command_key_create },
        { "name", &c->name, command_key_create },
        { "holder", &c->holder, command_key_create },
        { "scope", &c->scope, command_key_create },
        { "expires", &c->expires, command_key_create },
        { "clinic", &c->clinic, command_key_list },
        { "clinic", &c->clinic, command_records_verify },
        { "clinic", &c->clinic, command_records_purge },
        { "clinic", &c->clinic, command_records_replay },
        { "clinic", &c->clinic, command_records_show },
        { "clinic", &c->clinic, command_records_export },
        { "overlay", &c->overlay, command_catalogue_check },
        { "overlay", &c->overlay, command_catalogue_show },
        { "overlay", &c->overlay, command_catalogue_impact },
        { "overlay", &c->overlay, command_screen },
        { "overlay", &c->overlay, command_explain },
        { "against", &c->against, command_catalogue_impact },
        { "requests", &c->requests, command_catalogue_impact },
        { "generate", &c->generate, command_catalogue_impact },
        { "seed", &c->seed, command_catalogue_impact },
        { "accepted", &c->accepted, command_catalogue_check },
        { "as", &c->acts, command_catalogue_check },
        { "as", &c->acts, command_catalogue_load },
        { "as", &c->acts, command_catalogue_publish },
        { "as", &c->acts, command_catalogue_activate },
        { "as", &c->acts, command_catalogue_deactivate },
        { "as", &c->acts, command_catalogue_retire },
        { "signed-by", &c->signed_by, command_catalogue_publish },
        { "clinic", &c->clinic, command_catalogue_activate },
        { "clinic", &c->clinic, command_catalogue_deactivate },
        { "clinic", &c->clinic, command_overlay_load },
        { "clinic", &c->clinic, command_overlay_list },
        { "clinic", &c->clinic, command_overlay_withdraw },
        { "as", &c->acts, command_overlay_load },
        { "as", &c->acts, command_overlay_withdraw },
    };
    const struct {
        const char *flag;
        bool *to;
        int (*of)(const struct call *c); /* NULL: any */
    } switches[] = { { "pretty", &c->pretty, NULL },
                     { "json", &c->json, command_catalogue_show },
                     { "json", &c->json, command_clinic_list },
                     { "json", &c->json, command_key_list },
                     { "keep-payload", &c->keep_payload, command_clinic_create },
                     { "json", &c->json, command_catalogue_impact },
                     { "strict", &c->strict, command_catalogue_check },
                     { "all", &c->all, command_catalogue_check },
                     { "draft", &c->draft, command_catalogue_load },
                     { "only-new", &c->only_new, command_catalogue_load },
                     { "first", &c->first, command_catalogue_load },
                     { "live", &c->live, command_health },
                     { "allow-newer", &c->allow_newer, command_migrate } };
    for (size_t i = 0; i < ARRAY_LEN(switches); i++) {
        if (strcmp(switches[i].flag, flag) == 0 && (!switches[i].of || switches[i].of == cmd->run)) {
            *switches[i].to = true;
            return OPTION_FLAG;
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(items); i++) {
        if (cmd->run == items[i].of && strcmp(items[i].flag, flag) == 0) {
            *items[i].to = value;
            return OPTION_VALUE;
        }
    }
    return OPTION_NONE;
}

static int run(const struct command *cmd, struct call *c, int argc, char **argv)
{
    struct error err;
    for (int i = 0; i < argc; i++) {
        const char *arg = argv[i];
        if (strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0)
            return help(NULL, cmd);
        if (strncmp(arg, "--", 2) != 0) {
            if (!cmd->operand || c->operand)
                return usage_error("there is an operand too many", NULL);
            c->operand = arg;
            continue;
        }
        char option[66], *flag = option + 2;
        const char *equals = strchr(arg, '=');
        size_t n = equals ? (size_t)(equals - arg) - 2 : strlen(arg) - 2;
        if (n >= sizeof(option) - 2)
            return usage_error("there is no such option", NULL);
        memcpy(option, arg, n + 2);
        flag[n] = '\0';
        bool given = equals || i + 1 < argc;
        const char *value = equals ? equals + 1 : given ? argv[i + 1] : "";
        enum option own = own_option(cmd, c, flag, value);
        bool takes = own != OPTION_FLAG;
        if (own == OPTION_NONE) {
            enum rc rc = settings_set(&c->settings, flag, value, &err);
            if (rc != RC_OK && (given || rc == RC_USAGE))
                return fail(&err);
        }
        if (takes && !given)
            return usage_error("a value is missing after", arg);
        if (!takes && equals)
            return usage_error("there is no value for", option);
        i += takes && !equals;
    }
    log_set_level(c->settings.log_level);
    if (settings_use_password(&c->settings, &err) != RC_OK)
        return fail(&err);
    return cmd->run(c);
}

int cli_main(int argc, char **argv, char *const *environ)
{
    struct error err;
    struct call call = { 0 };
    const char *group = NULL;
    int next = 1;
    if (argc < 2)
        return usage_error("a command is missing", NULL);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0)
        return help(NULL, NULL);
    if (strcmp(argv[1], "--version") == 0) {
        printf("palpate %s\n", PALPATE_VERSION);
        return EXIT_OK;
    }
    if (is_group(argv[1])) {
        group = argv[1];
        next = 2;
        if (argc < 3)
            return usage_error("a command is missing after", group);
        if (strcmp(argv[2], "--help") == 0 || strcmp(argv[2], "-h") == 0)
            return help(group, NULL);
    }
    const struct command *cmd = find_command(group, argv[next]);
    if (!cmd)
        return usage_error("there is no command", argv[next]);
    if (settings_from_environment(&call.settings, environ, &err) != RC_OK)
        return fail(&err);
    int exit_status = run(cmd, &call, argc - next - 1, argv + next + 1);
    if ((fflush(stdout) != 0 || ferror(stdout)) && exit_status == EXIT_OK) { /* what is not written is not done */
        (void)error_set(&err, RC_OS, "cannot write to standard output");
        return fail(&err);
    }
    return exit_status;
}

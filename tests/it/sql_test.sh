#!/usr/bin/env bash
# Tests the catalogue's tables and functions on a real PostgreSQL: applies the migrations to the empty database that
# PGHOST, PGPORT, PGUSER and PGDATABASE name, stores the catalogue of sql/catalogue, reads it back, and tries to store
# broken ones. Prints TAP; exits non-zero where a test fails. It leaves what it made in the database.
set -u

here=$(cd "$(dirname "$0")" && pwd)
migrations=$here/../../sql/migrations
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C.UTF-8 PGOPTIONS='-c client_min_messages=warning'

tests=0
failures=0

report() { # report STATUS NAME [FILE]: one line of TAP, and on failure the file as its diagnosis
    tests=$((tests + 1))
    if [ "$1" -eq 0 ]; then
        printf 'ok %d - %s\n' "$tests" "$2"
    else
        failures=$((failures + 1))
        printf 'not ok %d - %s\n' "$tests" "$2"
        [ $# -lt 3 ] || cut -c1-300 "$3" | sed 's/^/# /' | head -n 12
    fi
}

sql() { # sql STATEMENT...: the rows, columns apart by |
    psql -XqAt -v ON_ERROR_STOP=1 "${@/#/--command=}"
}

document() { # document NAME [ARGUMENT...]: $work/NAME.json and its digest in $work/NAME.digest
    local name=$1
    shift
    python3 "$here/catalogue_doc.py" "$@" > "$work/$name.json" &&
        sha256sum < "$work/$name.json" | cut -d ' ' -f 1 > "$work/$name.digest"
}

with_document() { # with_document NAME: runs the SQL on its input, where :'doc' and :'digest' are the document's
    # the document is read by psql itself: it is too long for an argument
    (cd "$work" && { printf '\\set doc `cat %s.json`\n\\set digest `cat %s.digest`\n' "$1" "$1"; cat; } |
        psql -XqAt -v ON_ERROR_STOP=1)
}

store() { # store NAME: version|created
    with_document "$1" <<< "select version, created from palpate.catalogue_store(:'doc', :'digest');"
}

is() { # is NAME EXPECTED COMMAND...: the command succeeds and prints what is expected
    local name=$1 expected=$2 status=0
    shift 2
    "$@" > "$work/out" 2> "$work/err" || status=1
    [ "$(cat "$work/out")" = "$expected" ] || { status=1; printf 'expected: %s\n' "$expected" >> "$work/err"; }
    cat "$work/out" >> "$work/err"
    report "$status" "$name" "$work/err"
}

refused() { # refused NAME PATTERN COMMAND...: the command fails, and its error matches
    local name=$1 pattern=$2 status=1
    shift 2
    if "$@" > "$work/out" 2> "$work/err"; then
        printf 'was not refused\n' >> "$work/err"
    elif tr '\n' ' ' < "$work/err" | grep -qE "$pattern"; then
        status=0
    else
        printf 'expected: %s\n' "$pattern" >> "$work/err"
    fi
    report "$status" "$name" "$work/err"
}

broken() { # broken NAME PATTERN STATEMENT...: the catalogue, changed by the statements, is refused with that error
    local name=$1 pattern="catalogue refused: .*$2"
    shift 2
    # one translation is enough to be broken, and quicker
    if document broken "doc['texts'] = {'es': doc['texts']['es']}" "$@" 2> "$work/err"; then
        refused "$name" "$pattern" store broken
    else
        report 1 "$name (the change itself failed)" "$work/err"
    fi
}

# ------------------------------------------------------------------------------------------------------- migrations

sql 'create schema palpate' || { printf 'Bail out! no empty database\n'; exit 1; }
for file in "$migrations"/[0-9]*.sql; do
    psql -Xq -1 -v ON_ERROR_STOP=1 -f "$file" > "$work/out" 2>&1
    status=$?
    report "$status" "migration $(basename "$file")" "$work/out"
    [ "$status" -eq 0 ] || { printf '1..%d\n' "$tests"; exit 1; }
done

is 'every table says what it holds' '' sql "
    select c.relname from pg_class c
    where c.relnamespace = 'palpate'::regnamespace and c.relkind in ('r', 'v') and obj_description(c.oid) is null"
is 'no function can be led astray by a search path' '' sql "
    select p.oid::regprocedure from pg_proc p
    where p.pronamespace = 'palpate'::regnamespace and p.prosqlbody is null
        and not coalesce('search_path=\"\"' = any (p.proconfig), false)"
is 'every table of the catalogue refuses changes and late rows' '' sql "
    select c.relname from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attname = 'version' and a.attnum = 1
    where c.relnamespace = 'palpate'::regnamespace and c.relkind = 'r' and c.relname <> 'catalogue_version'
        and (
            select count(*) from pg_trigger t
            where t.tgrelid = c.oid and t.tgenabled = 'O' and t.tgname in ('refuse_change', 'refuse_late_row')
        ) <> 2"

# -------------------------------------------------------------------------------------------------- store, read back

document real || { printf 'Bail out! no catalogue\n'; exit 1; }

same() { # same NAME: whether the version of that document reads back as the document
    with_document "$1" <<< "
        select palpate.catalogue_document(v.version) = :'doc'::jsonb
        from palpate.catalogue_version v where v.digest = :'digest';"
}

start=$(date +%s%N)
is 'the catalogue is stored' '1|t' store real
echo "# storing took $((($(date +%s%N) - start) / 1000000)) ms"
is 'it reads back as it was given' 't' same real

start=$(date +%s%N)
sql 'select palpate.catalogue_document(1)' > "$work/back.json"
echo "# reading took $((($(date +%s%N) - start) / 1000000)) ms"
python3 - "$work/real.json" "$work/back.json" > "$work/out" 2>&1 << 'PY'
import json, sys
given, back = (json.load(open(name, encoding="utf-8")) for name in sys.argv[1:])
sys.exit(given != back)
PY
report $? 'it reads back the same outside the database too' "$work/out"

is 'storing it again does nothing' '1|f' store real
is 'one version is there' '1' sql 'select count(*) from palpate.catalogue_version'
counts() {
    python3 - "$work/real.json" << 'PY'
import json, sys
doc = json.load(open(sys.argv[1], encoding="utf-8"))
sections = ("facts", "rules", "techniques", "courses", "evidence")
print(doc["version"], "f", *(len(doc[section]) for section in sections), sep="|")
PY
}
is 'it counts what the document has' "$(counts)" \
    sql 'select label, active, facts, rules, techniques, courses, evidence from palpate.catalogue_list'
is 'a finished version has no flaw and its document no fault' '0|0' sql '
    select (select count(*) from palpate.catalogue_flaws(1)),
        (select count(*) from palpate.document_faults(palpate.catalogue_document(1)))'

document changed "rule('em_chest_pain')['message'] += ' Really.'" \
    "rule('em_chest_pain')['review'] = {'status': 'signed', 'by': 'A. Clinician', 'date': '2026-11-20'}"
is 'a changed catalogue is a new version' '2|t' store changed
is 'and reads back with the change' 't' same changed
is 'the version before is as it was' 't' same real

document translated "
es = doc['texts']['es']
es['review'] = {'status': 'signed', 'by': 'T. Translator', 'date': '2026-11-01'}
es['attributes'] = {'date': {'question': '¿Cuándo fue?'}}
es['facts'] = {
    'fever': {'label': 'Fiebre', 'question': '¿Tiene fiebre?'}, 'guardian_consent': {'answer_meaning': 'sí'}}
es['techniques']['tuina_manipulation']['never_offered'] = 'No se ofrece.'
es['rules'] = {'em_chest_pain': {'message': 'Dolor de pecho.', 'action': 'Llame.'}}
es['courses'] = {'lbp_radicular': {
    'title': 'Ciática', 'if_worse': 'pare', 'phases': [{'name': 'Uno', 'intent': 'a'},
    {'name': 'Dos', 'intent': 'b', 'only_if': 'mejora'}],
    'stop_if': ['x%d' % i for i in range(len(course('lbp_radicular')['stop_if']))]}}
es['adjustments'] = {
    'adj_severe_pain': {'title': 'Dolor', 'no_course_at': {'reason': 'Primero, el médico'}},
    'adj_minutes': {'note_if': [{'say': 'uno'}, {'say': 'dos'}]}, 'adj_sleep': {'advice': ['De tarde.']}}
es['replanning'] = {'replan_relapse': {'say': 'De nuevo.', 'advice': ['Dos.'], 'phases': [{'name': 'Refuerzo'}]},
    'replan_improved': {'phase_name': 'Menos'}}
es['evidence'] = {'ev_nice_ng59': {'finding': 'Aconseja', 'population': 'Adultos'}}
doc['texts']['pt-BR'] = {'review': {'status': 'draft'}}"
is 'translations of every kind are stored' '3|t' store translated
is 'and read back' 't' same translated
is 'a text is found by its language' 'Fiebre' sql "
    select label from palpate.fact_text where version = 3 and language = 'es' and fact = 'fever'"
is 'the own language is found in the same way' 'Fever' sql "
    select label from palpate.fact_text where version = 3 and language = 'en' and fact = 'fever'"

document small "
for section in ('courses', 'adjustments', 'replanning', 'texts', 'review'): del doc[section]
del doc['definitions']['readings']['evidence']
for member in ('review', 'if_unknown', 'topic'): del rule('em_chest_pain')[member]
rule('em_chest_pain')['evidence'] = ['nice-ng59']"
is 'a catalogue with only what it needs, and with a source cited by an alias, is stored' '4|t' store small
is 'and reads back without the rest' 't' same small

document one "rule('em_chest_pain')['note'] += ' One.'"
store one > "$work/first" 2>&1 &
store one > "$work/second" 2>&1
wait
is 'of two that store the same document at once, one makes it and the other finds it' '5|f 5|t' \
    sh -c "sort '$work/first' '$work/second' | tr '\n' ' ' | sed 's/ \$//'"

# ------------------------------------------------------------------------------------------------- broken catalogues

# facts
broken 'a fact implies an unknown fact' 'fact "myeloma".*"no_such_fact"' "fact('myeloma')['implies'] = ['no_such_fact']"
broken 'an umbrella covers an unknown fact' 'fact "screen_bone".*"no_such_fact"' \
    "fact('screen_bone')['covers'].append('no_such_fact')"
broken 'a fact has two umbrellas' 'Key .*[ ,(]osteoporosis[,)]' \
    "fact('screen_general')['covers'].append('osteoporosis')"
broken 'a fact implies itself' 'implication not of itself.*myeloma' "fact('myeloma')['implies'] = ['myeloma']"
broken 'an umbrella covers itself' 'cover not of itself.*screen_bone' \
    "fact('screen_bone')['covers'].append('screen_bone')"
broken 'facts imply each other' '"(cancer_active|myeloma)" stands above itself' \
    "fact('cancer_active')['implies'] = ['myeloma']"
broken 'a fact implies another twice' 'Key .*[ ,(]myeloma[,)]' "fact('myeloma')['implies'] *= 2"
broken 'a fact id is used twice' 'fact pkey \(Key \(version, id\)=\([0-9]+, fever\)' \
    "doc['facts'].append(dict(fact('fever')))"
broken 'a fact has the name of a derived variable' 'derived variable.*sex' \
    "doc['facts'].append({**fact('fever'), 'id': 'sex'})"
broken 'a fact has the name of a list' '"complaint_regions" has the name' \
    "doc['facts'].append({**fact('fever'), 'id': 'complaint_regions'})"
broken 'an unknown kind of fact' 'fact "fever".*"feeling"' "fact('fever')['kind'] = 'feeling'"
broken 'an unknown attribute' 'fact "fever".*"colour"' "fact('fever')['attributes'] = ['colour']"
broken 'an attribute of the person on a fact' 'attribute is of a fact.*fever' \
    "fact('fever')['attributes'].append('sex')"
broken 'valid days without a date' 'fact "fever" has valid_days' "fact('fever')['attributes'] = ['severity']"
broken 'valid days of nothing' 'valid days in range.*fever' "fact('fever')['valid_days'] = -1"
broken 'a fact without a label' 'fact "fever".*label is missing' "del fact('fever')['label']"
broken 'a fact that is asked without a question' 'fact "fever" has no text: question' "del fact('fever')['question']"
broken 'a question for what is never asked' 'fact "severe_pain" is never asked' \
    "fact('severe_pain')['question'] = 'Is it?'"
broken 'a gate that is never asked' 'never asked.*severe_pain' "fact('severe_pain')['gate'] = True"
broken 'attributes of what only clearances name' 'fact "severe_pain" is named by clearances only' \
    "fact('severe_pain')['attributes'] = ['date']"
broken 'complaint regions of an ordinary fact' 'complaints only for a clearance.*fever' \
    "fact('fever')['complaint_regions'] = []"
broken 'an unknown complaint region' 'fact "chest_complaint".*"soul"' \
    "fact('chest_complaint')['complaint_regions'] = ['soul']"
broken 'a condition with two operators' 'fact "guardian_consent".*ask_if' \
    "fact('guardian_consent')['ask_if']['or'] = []"
broken 'a code that is none' 'start of a code.*fever.*R 50' "fact('fever')['codes'] = {'icd-10-cm': ['R 50']}"
broken 'a code twice but for its dot and case' 'coding once for a fact.*fever' \
    "fact('fever')['codes'] = {'icd-10-cm': ['R50.9', 'r509']}"
broken 'a system of codes without codes' 'fact "fever".*codes' "fact('fever')['codes'] = {'atc': []}"
broken 'an attribute id is used twice' 'Key .*[ ,(]date[,)]' "doc['attributes'].append(dict(attribute('date')))"
broken 'an attribute without a question' 'attribute "date".*question is missing' "del attribute('date')['question']"

# techniques
broken 'a technique code is used twice' 'Key .*[ ,(]swedish[,)]' "doc['techniques'].append(dict(technique('swedish')))"
broken 'an unknown trait' 'technique "thai".*"magic"' "technique('thai')['traits'].append('magic')"
broken 'an essential trait that it has not' 'essential is a trait of it.*thai.*heat' \
    "technique('thai')['essential'].append('heat')"
broken 'a lightest pressure above the deepest' 'pressure in range.*swedish' "technique('swedish')['min_pressure'] = 4"
broken 'a pressure of six' 'pressure in range.*deep_tissue' "technique('deep_tissue')['pressure'] = 6"
broken 'a pressure in words' 'technique "swedish".*pressure "deep" is not a whole number' \
    "technique('swedish')['pressure'] = 'deep'"
broken 'typical minutes the wrong way round' 'minutes in range.*swedish' \
    "technique('swedish')['typical_minutes'].reverse()"
broken 'typical minutes of three numbers' 'technique "swedish".*typical_minutes' \
    "technique('swedish')['typical_minutes'].append(120)"
broken 'an unknown position' 'technique "swedish".*"upside_down"' "technique('swedish')['positions'] = ['upside_down']"
broken 'a technique without a position' 'technique "swedish".*positions' "technique('swedish')['positions'] = []"
broken 'good for an unknown goal' 'technique "swedish".*"goal:wealth"' \
    "technique('swedish')['good_for'].append('goal:wealth')"
broken 'good for the same twice' 'Key .*[ ,(]swedish[,)]' "technique('swedish')['good_for'].append('goal:sleep')"
broken 'never offered, but by default' 'never offered at all.*tuina_manipulation' \
    "technique('tuina_manipulation')['default_offered'] = True"
broken 'a technique without a name' 'technique "thai".*name is missing' "del technique('thai')['name']"
broken 'an unknown source of a technique' 'technique "thai".*"no_such_source"' \
    "technique('thai')['evidence'] = ['no_such_source']"

# rules
broken 'a rule id is used twice' 'Key .*[ ,(]em_chest_pain[,)]' "doc['rules'].append(dict(rule('em_chest_pain')))"
broken 'an unknown effect' 'rule "em_chest_pain".*"banned"' "rule('em_chest_pain')['effect'] = 'banned'"
broken 'an effect that is no judgement' 'effect is a judgement.*anaemia' "rule('anaemia')['effect'] = 'needs_answers'"
broken 'an unknown severity' 'rule "em_chest_pain".*"terrible"' "rule('em_chest_pain')['severity'] = 'terrible'"
broken 'an emergency that is a caution' 'severity as grave as its disposition.*em_chest_pain' \
    "rule('em_chest_pain')['severity'] = 'caution'"
broken 'an emergency that allows massage' 'effect as grave as its disposition.*em_chest_pain' \
    "rule('em_chest_pain')['effect'] = 'modified'"
broken 'an unknown disposition' 'rule "em_chest_pain".*"panic"' "rule('em_chest_pain')['disposition'] = 'panic'"
broken 'a disposition of null' 'rule "em_chest_pain".*disposition null is not' \
    "rule('em_chest_pain')['disposition'] = None"
broken 'an unknown region' 'rule "em_chest_pain".*"soul"' "rule('em_chest_pain')['regions'] = ['soul']"
broken 'an unknown place' 'rule "em_chest_pain".*"everywhere"' "rule('em_chest_pain')['regions'] = 'everywhere'"
broken 'the whole body as a part' 'region is a part.*filler' "rule('filler')['regions'] = ['whole_body']"
broken 'a region twice' 'Key .*[ ,(]filler[,)]' "rule('filler')['regions'] *= 2"
broken 'a condition that is a list' 'rule "em_chest_pain".*when' \
    "rule('em_chest_pain')['when'] = [rule('em_chest_pain')['when']]"
broken 'a target without an operator' 'rule "em_chest_pain".*target' "rule('em_chest_pain')['target'] = {}"
broken 'what to do while unknown is not known' 'rule "em_chest_pain".*"guess"' \
    "rule('em_chest_pain')['if_unknown'] = 'guess'"
broken 'an unknown source' 'rule "em_chest_pain".*"no_such_source"' \
    "rule('em_chest_pain')['evidence'].append('no_such_source')"
broken 'no source' 'rule "em_chest_pain".*evidence' "rule('em_chest_pain')['evidence'] = []"
broken 'a rule without a message' 'rule "em_chest_pain".*message is missing' "del rule('em_chest_pain')['message']"
broken 'a blank note' 'rule "em_chest_pain".*note' "rule('em_chest_pain')['note'] = ' '"
broken 'an unknown member of a rule' 'rule "em_chest_pain": /rules/[0-9]+/colour is no member' \
    "rule('em_chest_pain')['colour'] = 'red'"
broken 'a clearance without what it leaves' 'clearable has cleared effect.*chest_pain_past' \
    "del rule('chest_pain_past')['cleared_effect']"
broken 'a clearance for nothing' 'rule "chest_pain_past" has clearable_by but no clearance_for' \
    "del rule('chest_pain_past')['clearance_for']"
broken 'a clearance that nobody may give' 'rule "em_chest_pain" has clearance_for but no clearable_by' \
    "rule('em_chest_pain')['clearance_for'] = ['chest_pain']"
broken 'a clearance for an unknown fact' 'rule "chest_pain_past".*"no_such_fact"' \
    "rule('chest_pain_past')['clearance_for'] = ['no_such_fact']"
broken 'a clearance from an unknown party' 'rule "chest_pain_past".*"astrologer"' \
    "rule('chest_pain_past')['clearable_by'] = 'astrologer'"
broken 'a clearance that leaves more than there was' 'cleared effect is milder.*chest_pain_past' \
    "rule('chest_pain_past')['cleared_effect'] = 'not_allowed'"
broken 'acute, but not clearable' 'acute only if clearable.*em_chest_pain' "rule('em_chest_pain')['acute'] = True"
broken 'signed by nobody' 'rule signed by someone.*em_chest_pain' "rule('em_chest_pain')['review']['status'] = 'signed'"
broken 'signed on no day of the calendar' 'rule "em_chest_pain".*2026-02-30' \
    "rule('em_chest_pain')['review'] = {'status': 'signed', 'by': 'A', 'date': '2026-02-30'}"
broken 'modified, but not how' 'rule "strain_late" modifies, but has no modification' \
    "del rule('strain_late')['modifications']"
broken 'informs and modifies' 'rule "diabetes_ok" only informs' \
    "rule('diabetes_ok')['modifications'] = [{'kind': 'no_heat', 'value': True}]"
broken 'the id of a re-planning rule' 'rule "replan_worse" has the id' \
    "doc['rules'].append({**rule('diabetes_ok'), 'id': 'replan_worse'})"

# modifications
modified="rule('strain_late')['modifications'] = "
broken 'an unknown modification' 'rule "strain_late".*"no_fun"' "${modified}[{'kind': 'no_fun', 'value': True}]"
broken 'a pressure cap of nine' 'value fits its kind.*strain_late' "${modified}[{'kind': 'max_pressure', 'value': 9}]"
broken 'a pressure cap in words' 'value fits its kind.*strain_late' \
    "${modified}[{'kind': 'max_pressure', 'value': 'low'}]"
broken 'a pressure cap of true' 'value fits its kind.*strain_late' "${modified}[{'kind': 'max_pressure', 'value': True}]"
broken 'a pressure cap of two and a half' 'rule "strain_late".*2.5' "${modified}[{'kind': 'max_pressure', 'value': 2.5}]"
broken 'no minutes' 'value fits its kind.*strain_late' "${modified}[{'kind': 'max_minutes', 'value': 0}]"
broken 'a flag with a number' 'value fits its kind.*strain_late' "${modified}[{'kind': 'no_heat', 'value': 3}]"
broken 'a flag that is false' 'rule "strain_late".*false' "${modified}[{'kind': 'no_heat', 'value': False}]"
broken 'a ban on the place where a finding is, from re-planning' 'leaves out regions or traits.*replan_dizziness' \
    "replanning('replan_dizziness')['modifications'] = [{'kind': 'avoid_region', 'value': 'where_found'}]"
broken 'an area that is no word' 'value fits its kind.*strain_late.*The aura' \
    "${modified}[{'kind': 'avoid_area', 'value': 'The aura'}]"
broken 'an unknown position to take' 'value fits its kind.*strain_late.*upside_down' \
    "${modified}[{'kind': 'position', 'value': 'upside_down'}]"
broken 'the whole body as a place to avoid' 'value fits its kind.*strain_late' \
    "${modified}[{'kind': 'avoid_region', 'value': ['whole_body']}]"
broken 'an unknown place to avoid' 'value fits its kind.*strain_late' \
    "${modified}[{'kind': 'avoid_region', 'value': 'somewhere'}]"
broken 'an unknown region to avoid' 'rule "strain_late".*"soul"' \
    "${modified}[{'kind': 'avoid_region', 'value': ['soul']}]"
broken 'a region to avoid twice' 'value fits its kind.*strain_late' \
    "${modified}[{'kind': 'avoid_region', 'value': ['neck', 'neck']}]"
broken 'heat in a region' 'value fits its kind.*strain_late' "${modified}[{'kind': 'no_heat', 'value': ['neck']}]"
broken 'a modification without a value' 'rule "strain_late".*value is missing' "${modified}[{'kind': 'no_heat'}]"
broken 'the same modification twice' 'Key .*[ ,(]strain_late[,)]' "${modified}[{'kind': 'no_heat', 'value': True}] * 2"
broken 'more than kind and value' 'rule "strain_late".*modifications/0/until' \
    "${modified}[{'kind': 'no_heat', 'value': True, 'until': 'May'}]"

# courses
broken 'an unknown technique in a course' 'course "lbp_acute".*"no_such_technique"' \
    "course('lbp_acute')['techniques'].append('no_such_technique')"
broken 'a technique twice in a course' 'Key .*[ ,(]lbp_acute[,)]' "course('lbp_acute')['techniques'] *= 2"
broken 'a fallback that is not its own' 'course "self_massage_home" falls back' \
    "course('self_massage_home')['fallback_technique'] = 'thai'"
broken 'a phase without sessions' 'phase sessions in range.*lbp_acute' \
    "course('lbp_acute')['phases'][0]['sessions'] = 0"
broken 'a phase that never comes' 'phase per week in range.*lbp_acute' \
    "course('lbp_acute')['phases'][0]['per_week'] = 0"
broken 'a phase of ten hours' 'phase minutes in range.*lbp_acute' "course('lbp_acute')['phases'][0]['minutes'] = 600"
broken 'a phase without a name' 'course "lbp_acute".*phases/0/name is missing' \
    "del course('lbp_acute')['phases'][0]['name']"
broken 'a course without phases' 'course "lbp_acute".*phases' "course('lbp_acute')['phases'] = []"
broken 'a course without signs to stop' 'course "lbp_acute".*stop_if' "del course('lbp_acute')['stop_if']"
broken 'an unknown region to work on' 'course "lbp_acute".*"soul"' "course('lbp_acute')['focus'] = ['soul']"
broken 'an unknown certainty' 'course "lbp_acute".*"sure"' "course('lbp_acute')['certainty'] = 'sure'"

# adjustments and re-planning
broken 'two adjustments of one order' 'adjustment rank once' \
    "adjustment('adj_sleep')['order'] = adjustment('adj_stress')['order']"
broken 'an unknown technique to drop' 'adjustment "adj_age_65".*"no_such_technique"' \
    "adjustment('adj_age_65')['techniques_drop'] = ['no_such_technique']"
broken 'first sessions without their number' 'first sessions as scoped.*adj_severe_pain' \
    "del adjustment('adj_severe_pain')['first_sessions']"
broken 'a limit of no pressure' 'limits in range.*adj_age_65' "adjustment('adj_age_65')['pressure_max'] = 0"
broken 'no course without a reason' 'adjustment "adj_minor_under_8" has no text: reason' \
    "del adjustment('adj_minor_under_8')['reason']"
broken 'a reason without no course' 'adjustment "adj_minor_under_8" says why' \
    "del adjustment('adj_minor_under_8')['no_course']"
broken 'an exception for an unknown fact' 'adjustment "adj_severe_pain".*"no_such_fact"' \
    "adjustment('adj_severe_pain')['no_course_at']['unless_chronic_with'].append('no_such_fact')"
broken 'a note on an unknown course' 'adjustment "adj_minutes".*"no_such_course"' \
    "adjustment('adj_minutes')['note_if'][0]['course'] = 'no_such_course'"
broken 'a note without a bound' 'note has a bound.*adj_minutes' \
    "del adjustment('adj_minutes')['note_if'][0]['minutes_below']"
broken 'an unknown action' 'replanning "replan_worse".*"shrug"' "replanning('replan_worse')['action'] = 'shrug'"
broken 'a stop that goes on' 'refers without a course.*replan_worse' "del replanning('replan_worse')['no_course']"
broken 'a stop without a disposition' 'refers without a course.*replan_worse' \
    "del replanning('replan_worse')['disposition']"
broken 'a stop that is to proceed' 'disposition stops.*replan_worse' \
    "replanning('replan_worse')['disposition'] = 'proceed'"
broken 'a change of technique without one' 'technique as its action.*replan_unchanged' \
    "del replanning('replan_unchanged')['technique']"
broken 'a taper without steps' 'per week as its action.*replan_improved' \
    "del replanning('replan_improved')['per_week_steps']"
broken 'steps that rise' 'steps are rates.*replan_improved' "replanning('replan_improved')['per_week_steps'].reverse()"
broken 'a finish without a name' 'replanning "replan_much_improved" has no text: phase_name' \
    "del replanning('replan_much_improved')['phase_name']"
broken 'a stop that does not decide' 'stops only if it decides.*replan_worse' "del replanning('replan_worse')['decides']"
broken 'a pressure cap from re-planning' 'leaves out regions or traits.*replan_dizziness' \
    "replanning('replan_dizziness')['modifications'].append({'kind': 'max_pressure', 'value': 2})"
broken 'a booster without phases' 'replanning "replan_relapse" has no phase' \
    "del replanning('replan_relapse')['phases']; del doc['texts']['es']['replanning']['replan_relapse']['phases']"
broken 'a question about an unknown fact' 'replanning "replan_bruising_repeated".*"no_such_fact"' \
    "replanning('replan_bruising_repeated')['ask'].append('no_such_fact')"
broken 'techniques left out for ever' 'replanning "replan_bruising" leaves techniques out' \
    "del replanning('replan_bruising')['techniques_drop_days']"
broken 'a dose for an unknown course' 'replanning "replan_unchanged".*"no_such_course"' \
    "replanning('replan_unchanged')['dose_check'][0]['course'] = 'no_such_course'"

# evidence
broken 'a source id is used twice' 'ev_nice_ng59' \
    "doc['evidence'].append({**evidence('ev_nice_ng59'), 'aliases': ['x']})"
broken 'an alias that is the id of another source' 'Key .*[ ,(]practice-consensus[,)]' \
    "evidence('ev_nice_ng59')['aliases'].append('practice-consensus')"
broken 'an alias that two sources have' 'Key .* nice-ng59\)' "evidence('ev_acp_2017')['aliases'].append('nice-ng59')"
broken 'an alias that is no id' 'evidence "ev_nice_ng59".*"NICE NG59"' \
    "evidence('ev_nice_ng59')['aliases'] = ['NICE NG59']"
broken 'an unknown design' 'evidence "ev_nice_ng59".*"hearsay"' "evidence('ev_nice_ng59')['design'] = 'hearsay'"
broken 'a broken DOI' 'doi is a doi.*ev_nice_ng59' "evidence('ev_nice_ng59')['doi'] = 'doi:1'"
broken 'a source of the future' 'year is plausible.*ev_nice_ng59' "evidence('ev_nice_ng59')['year'] = 20166"
broken 'a source without a finding' 'evidence "ev_nice_ng59".*finding is missing' \
    "del evidence('ev_nice_ng59')['finding']"

# definitions and the document itself
broken 'chronic before subacute' 'acuity in order' "doc['definitions']['acuity']['chronic_from_days'] = 10"
broken 'a bound that is missing' 'definitions.*valid_days is missing' \
    "del doc['definitions']['clearance']['valid_days']"
broken 'a bound that is not known' 'definitions.*/definitions/acuity/old_from_days' \
    "doc['definitions']['acuity']['old_from_days'] = 400"
broken 'a clearance that lifts a stop by an unknown fact' 'definitions.*"no_such_fact"' \
    "doc['definitions']['stop_lifted']['clearance_for'] = 'no_such_fact'"
broken 'a list that does not say what is not given' 'says what is not given.*severe_complaint_regions' \
    "del doc['definitions']['complaint_lists'][6]['not_given']"
broken 'an unknown cause' 'definitions.*"fate"' "doc['definitions']['complaint_lists'][8]['cause'] = ['fate']"
broken 'an unknown section' 'catalogue: /recipes is no member' "doc['recipes'] = []"
broken 'a missing section' 'catalogue: /rules is missing' "del doc['rules']"
broken 'an empty section' 'catalogue: /rules' "doc['rules'] = []"
broken 'an item that is not an object' 'catalogue: /rules/[0-9]+.*"extra"' "doc['rules'].append('extra')"
broken 'a default written out' '/facts/[0-9]+ \("fever"\)/gate: false is kept as nothing' \
    "fact('fever')['gate'] = False"
broken 'an empty list written out' 'technique "chair": /techniques/[0-9]+/traits \[\] is not a list' \
    "technique('chair')['traits'] = []"

# translations
broken 'words for an unknown technique' 'translation "es".*"no_such_technique"' \
    "doc['texts']['es']['techniques']['no_such_technique'] = {'name': 'x'}"
broken 'words for an unknown fact' 'translation "es".*"no_such_fact"' \
    "doc['texts']['es']['facts'] = {'no_such_fact': {'label': 'x'}}"
broken 'words of an unknown kind' 'translation "es".*/texts/es/techniques/thai/smell' \
    "doc['texts']['es']['techniques']['thai']['smell'] = 'x'"
broken 'no words' 'translation "es".*/texts/es/techniques/thai' "doc['texts']['es']['techniques']['thai'] = {}"
broken 'a language that is none' 'catalogue: /texts/Spanish' "doc['texts']['Spanish'] = doc['texts']['es']"
broken 'the own language once more' 'Key .*[ ,(]en[,)]' "doc['texts']['en'] = {'review': {'status': 'draft'}}"
broken 'a translation without a review' 'translation "es".*review is missing' "del doc['texts']['es']['review']"
broken 'a translation that drops a sign to stop' 'course "lbp_acute" has 1 text\(s\) in es as stop_if' \
    "doc['texts']['es']['courses'] = {'lbp_acute': {'stop_if': ['uno']}}"
broken 'a translation of what is not there' 'technique "thai" says why it is never offered' \
    "doc['texts']['es']['techniques']['thai']['never_offered'] = 'x'"

bad_call() { # bad_call DOCUMENT DIGEST
    sql "select * from palpate.catalogue_store('$1', '$2')"
}
zeros=$(printf '0%.0s' $(seq 64))
refused 'a document that is a list' 'not an object' bad_call '[]' "$zeros"
refused 'a digest in capitals' 'SHA-256' bad_call '{}' "${zeros//0/A}"
refused 'a digest that is too short' 'SHA-256' bad_call '{}' "${zeros#0}"
document many "fact('fever')['kind'] = 'feeling'" "rule('em_chest_pain')['colour'] = 'red'"
refused 'all mistakes are told at once' 'DETAIL.*fever.*em_chest_pain' store many
is 'a refused catalogue leaves nothing behind' '5|5' sql '
    select count(*), count(distinct version) from palpate.catalogue_version join palpate.definition using (version)'

# ---------------------------------------------------------------------------------------------------------- sealing

for table in $(sql "
    select c.relname from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attname = 'version' and a.attnum = 1
    where c.relnamespace = 'palpate'::regnamespace and c.relkind = 'r' and c.relname <> 'catalogue_version'
    order by 1"); do
    refused "$table is not updated" 'update on "'"$table"'" is refused' sql "update palpate.$table set version = 1"
    refused "$table is not deleted from" 'delete on "'"$table"'" is refused' sql "delete from palpate.$table"
    refused "$table is not truncated" 'truncate on "'"$table"'" is refused' sql "truncate palpate.$table cascade"
done
refused 'a version is not deleted' 'delete on "catalogue_version" is refused' sql \
    'delete from palpate.catalogue_version where version = 1'
refused 'versions are not truncated' 'truncate on "catalogue_version" is refused' sql \
    'truncate palpate.catalogue_version cascade'
refused 'the label of a version stays' 'version 1 cannot be changed' sql \
    "update palpate.catalogue_version set label = 'x' where version = 1"
refused 'a seal is not broken' 'version 1 cannot be changed' sql \
    'update palpate.catalogue_version set sealed = false where version = 1'
refused 'no fact comes late' 'version 1 is sealed: insert on "fact"' sql "
    insert into palpate.fact (version, id, ord, kind, fact_group, gate, clearance_only)
    values (1, 'late', 999, 'symptom', 'general', false, false)"
refused 'no code comes late' 'version 1 is sealed: insert on "coding"' sql "
    insert into palpate.coding (version, fact, system, ord, prefix) values (1, 'fever', 'icd-10-cm', 99, 'Z99')"
refused 'no rule comes late' 'version 1 is sealed: insert on "rule"' sql "
    insert into palpate.rule
    select (jsonb_populate_record(r, '{\"id\": \"late\", \"ord\": 999}')).*
    from palpate.rule r where r.version = 1 and r.id = 'em_chest_pain'"
refused 'no clearance comes late' 'version 1 is sealed: insert on "rule_clearance"' sql "
    insert into palpate.rule_clearance values (1, 'em_chest_pain', 1, 'chest_pain')"
refused 'no translation comes late' 'version 1 is sealed: insert on "rule_text"' sql "
    insert into palpate.rule_text (version, language, rule, message) values (1, 'de', 'em_chest_pain', 'x')"
refused 'no language comes late' 'version 1 is sealed: insert on "catalogue_language"' sql "
    insert into palpate.catalogue_language (version, language, review_status) values (1, 'nl', 'draft')"
by_hand="insert into palpate.catalogue_version (
    name, label, title, language, digest, sealed
) values ('x', 'x', 'x', 'en', '$zeros'"
refused 'a version that is not sealed is not committed' 'was not sealed' sql "$by_hand, false)"
refused 'an empty version is not sealed' 'catalogue refused' sql \
    "begin; $by_hand, false); update palpate.catalogue_version set sealed = true where digest = '$zeros'; commit"
refused 'a version does not begin sealed' 'is sealed before it is written' sql "$by_hand, true)"
is 'after all this the first version reads as it did' 't' same real

# -------------------------------------------------------------------------------------------------------- activation

is 'no version is in force at first' '0' sql 'select count(*) from palpate.catalogue_active'
refused 'a draft is not put in force' 'version 1 is draft' sql 'select palpate.catalogue_activate(1)'
is 'two are published' '' sql "
    select from palpate.catalogue_checked(1, 'checker', 0, 0) as one, palpate.catalogue_checked(2, 'checker', 0, 0) as two
    " "
    select from palpate.catalogue_publish(1, 'signer', 'signer') as one,
        palpate.catalogue_publish(2, 'signer', 'signer') as two"
is 'a version is put in force' 't' sql 'select palpate.catalogue_activate(1)'
is 'and then another' 't' sql 'select palpate.catalogue_activate(2)'
is 'which is no change the second time' 'f' sql 'select palpate.catalogue_activate(2)'
is 'one is in force' '2' sql 'select version from palpate.catalogue_list where active'
refused 'one that is not there is not put in force' 'no catalogue version 99' \
    sql 'select palpate.catalogue_activate(99)'
refused 'nor none' 'no catalogue version null' sql 'select palpate.catalogue_activate(null)'
refused 'one that is not there is not read' 'no catalogue version 99' sql 'select palpate.catalogue_document(99)'
told() {
    sql 'listen palpate_catalogue' 'select palpate.catalogue_activate(1)' |
        grep -o '"palpate_catalogue" with payload "1"'
}
is 'whoever listens is told' '"palpate_catalogue" with payload "1"' told

printf '1..%d\n' "$tests"
[ "$failures" -eq 0 ] || printf '# %d of %d tests failed\n' "$failures" "$tests"
[ "$failures" -eq 0 ]

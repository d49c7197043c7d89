-- The catalogue: what the screening knows about massage, in immutable versions.
--
-- Every table is keyed by (version, id, ...) and refers to others inside the same version only, so that a version
-- is whole in itself. "ord" keeps the order of the catalogue's files, from 1; where the screening says "catalogue
-- order", this is meant. Columns named after a member of the catalogue document say what they hold there.
--
-- Texts stand apart from the model, one row for each language, the catalogue's own language among them: what is
-- missing in a language is read in the catalogue's own.

-- ---------------------------------------------------------------------------------------------------------------
-- Vocabularies. An enumeration is ordered as declared, so the graver of two verdicts is the greater.

create type palpate.verdict as enum ('allowed', 'modified', 'needs_answers', 'clearance_required', 'not_allowed');
comment on type palpate.verdict is 'What may be done with a technique, from the mildest to the gravest';

create type palpate.disposition as enum (
    'proceed', 'proceed_modified', 'needs_answers', 'clearance_required', 'do_not_treat', 'refer_urgently', 'emergency'
);
comment on type palpate.disposition is
    'What is done with the person, from the mildest to the gravest; refer_urgently is the same day, emergency is now';

create type palpate.severity as enum ('caution', 'modify', 'clearance', 'absolute', 'urgent', 'emergency');
comment on type palpate.severity is 'How grave a warning is, from the mildest to the gravest';

create type palpate.certainty as enum ('high', 'moderate', 'low', 'very_low', 'expert');
comment on type palpate.certainty is 'How sure the evidence is; expert: opinion or reasoning without trials';

create type palpate.review_status as enum ('draft', 'signed');
comment on type palpate.review_status is 'draft until a licensed clinician has signed';

create type palpate.region as enum (
    'head', 'face', 'jaw', 'neck', 'shoulder', 'upper_arm', 'elbow', 'forearm', 'wrist_hand', 'chest', 'breast',
    'upper_back', 'mid_back', 'lower_back', 'abdomen', 'pelvis', 'buttock', 'hip', 'thigh', 'knee', 'calf',
    'ankle_foot', 'whole_body'
);
comment on type palpate.region is 'Parts of the body';

create type palpate.goal as enum (
    'pain_relief', 'relaxation', 'stress', 'sleep', 'mobility', 'posture', 'recovery', 'wellbeing'
);
comment on type palpate.goal is 'What the client comes for';

create type palpate.acuity as enum ('acute', 'subacute', 'chronic');
comment on type palpate.acuity is 'How long a complaint has lasted; the bounds stand in palpate.definition';

create type palpate.onset as enum ('sudden', 'gradual');
comment on type palpate.onset is 'How a complaint began';

create type palpate.cause as enum ('strain', 'posture', 'overuse', 'trauma', 'stress', 'unknown');
comment on type palpate.cause is 'What brought a complaint on';

create type palpate.fact_kind as enum ('symptom', 'condition', 'medication', 'procedure', 'injury', 'derived');
comment on type palpate.fact_kind is 'What sort of thing a fact is; derived: no finding of a body or a record';

create type palpate.technique_kind as enum ('technique', 'stroke');
comment on type palpate.technique_kind is 'stroke: a single stroke, used inside a technique';

create type palpate.trait as enum (
    'heat', 'stretch', 'joint_mobilisation', 'thrust', 'vibration', 'skin_friction', 'oil', 'scent', 'prone',
    'self_applied', 'needs_undress'
);
comment on type palpate.trait is 'What a technique does to the body or asks of the client';

create type palpate.body_position as enum (
    'prone', 'supine', 'side_lying', 'seated', 'semi_reclined', 'standing', 'floor'
);
comment on type palpate.body_position is 'How the client lies or sits';

create type palpate.if_unknown as enum ('ask', 'hold');
comment on type palpate.if_unknown is
    'While a rule''s condition is unknown: ask about it, or hold every technique it targets until it is answered';

create type palpate.clearer as enum (
    'physician', 'surgeon', 'oncology', 'cardiology', 'haematology', 'obstetric', 'guardian'
);
comment on type palpate.clearer is
    'Who may clear a rule; physician stands for every clinician, guardian only for itself';

create type palpate.rule_place as enum ('systemic', 'where_found', 'listed');
comment on type palpate.rule_place is
    'Where a rule applies: the whole body, where the finding that fired it is, or in listed regions';

create type palpate.modification_kind as enum (
    'max_pressure', 'max_minutes', 'avoid_region', 'avoid_area', 'position', 'no_heat', 'no_stretch', 'no_oil',
    'no_thrust', 'no_joint_mobilisation', 'no_vibration', 'no_skin_friction', 'plain_oil_only', 'no_nut_oil',
    'no_scent', 'no_latex', 'patch_test', 'hygiene', 'keep_warm', 'slow_rise', 'assist_transfer', 'stepwise_consent',
    'therapist_trained'
);
comment on type palpate.modification_kind is 'Ways in which a session is changed';

create type palpate.modification_place as enum ('where_found', 'where_given', 'listed');
comment on type palpate.modification_place is
    'The place of a ban: where the finding is (asked if not given), where it was given (never asked), or listed '
    'regions';

create type palpate.not_given as enum ('counts', 'does_not_count', 'unknown');
comment on type palpate.not_given is 'What a complaint that does not say the tested thing is';

create type palpate.course_list as enum ('stop_if', 'self_care', 'co_care');
comment on type palpate.course_list is
    'Lists of texts with a course: when to stop, what the client does, what other care goes with it';

create type palpate.adjustment_scope as enum ('course', 'first_session', 'first_sessions');
comment on type palpate.adjustment_scope is 'The part of a course that an adjustment binds';

create type palpate.adjustment_use as enum ('avoid', 'drop', 'allow', 'first');
comment on type palpate.adjustment_use is
    'avoid: not in the first session; drop: not at all; allow: only these; first: before the course''s own order';

create type palpate.exception_kind as enum ('clearance_for', 'chronic_with');
comment on type palpate.exception_kind is
    'What keeps a course in severe pain: a clearance that names the fact, or chronic pain with the fact present';

create type palpate.adjustment_list as enum ('advice', 'self_care_add', 'co_care_add');
comment on type palpate.adjustment_list is 'Lists of texts with an adjustment';

create type palpate.replanning_action as enum (
    'stop_refer', 'pause_refer', 'lighten', 'change_technique', 'new_intake', 'booster', 'finish', 'taper',
    'continue_once', 'restart_phase', 'continue'
);
comment on type palpate.replanning_action is 'What the sessions so far make of the rest of a course';

create type palpate.technique_change as enum ('next_gentler', 'next_style');
comment on type palpate.technique_change is 'Which technique takes over';

create type palpate.study_design as enum (
    'umbrella_review', 'systematic_review', 'meta_analysis', 'review', 'evidence_map', 'rct', 'crossover', 'trial',
    'before_after', 'cohort', 'cross_sectional', 'case_report', 'guideline', 'consensus', 'standard', 'government',
    'professional_body', 'law', 'textbook', 'expert_opinion', 'essay', 'methods', 'terminology', 'evidence_gap'
);
comment on type palpate.study_design is 'What sort of source it is';

create type palpate.verification as enum ('read', 'recalled');
comment on type palpate.verification is
    'read: the abstract, page or text was seen; recalled: citation and finding are still to be checked';

-- What one value must be, said once for the tables and for the shape of the document. A body that follows "return" is
-- bound when it is created: no search path can change its meaning.

create function palpate.is_code(words text) returns boolean
language sql immutable
return words ~ '^[a-z][a-z0-9_-]{0,63}$';
comment on function palpate.is_code(text) is 'Whether it is an id: lower-case letters, digits, _ and -';

create function palpate.is_prose(words text) returns boolean
language sql immutable
return words ~ '^\S(.*\S)?$';
comment on function palpate.is_prose(text) is 'Whether it is a text that is not blank, without space at its ends';

create function palpate.is_language_tag(words text) returns boolean
language sql immutable
return words ~ '^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$';
comment on function palpate.is_language_tag(text) is 'Whether it is a BCP 47 tag such as es, zh-Hant or pt-BR';

create function palpate.is_condition(value jsonb) returns boolean
language sql immutable
return case jsonb_typeof(value)
    when 'object' then jsonb_array_length(jsonb_path_query_array(value, '$.keyvalue()')) = 1
    else false
end;
comment on function palpate.is_condition(jsonb) is
    'Whether it is an object with one member, the operator; the service checks operators and operands';

create function palpate.distinct_and_full(list anyarray) returns boolean
language sql immutable
set search_path = ''
as $$
    select coalesce(
        cardinality(list) > 0
        and cardinality(list) = (select count(distinct element) from unnest(list) as element),
        false
    )
$$;
comment on function palpate.distinct_and_full(anyarray) is 'Whether a list has members, each once and none null';

create function palpate.falls(steps numeric[]) returns boolean
language sql immutable
set search_path = ''
as $$
    select cardinality(steps) > 0
        and steps = array(select distinct step from unnest(steps) as step order by step desc)
$$;
comment on function palpate.falls(numeric[]) is 'Whether every number of a list is lower than the one before';

create domain palpate.code as text
    constraint code_is_a_lower_case_word check (palpate.is_code(value));
comment on domain palpate.code is 'Id of an item of the catalogue';

create domain palpate.prose as text
    constraint prose_is_not_blank check (palpate.is_prose(value));
comment on domain palpate.prose is 'Text for people';

create domain palpate.language_tag as text
    constraint language_tag_is_bcp47 check (palpate.is_language_tag(value));
comment on domain palpate.language_tag is 'Language of texts';

create domain palpate.condition as jsonb
    constraint condition_is_one_operation check (value is null or palpate.is_condition(value));
comment on domain palpate.condition is
    'Condition in JsonLogic syntax over facts, attributes, derived variables or traits';

create function palpate.modification_fits(
    kind palpate.modification_kind,
    number integer,
    term text,
    place palpate.modification_place,
    regions palpate.region[]
) returns boolean
language sql immutable
return coalesce(
    case
        when kind = 'max_pressure' then number between 1 and 5
        when kind = 'max_minutes' then number between 1 and 480
        when kind = 'position' then
            term in ('head_raised', 'not_prone') or term = any (enum_range(null::palpate.body_position)::text[])
        when kind in ('avoid_area', 'hygiene', 'therapist_trained') then palpate.is_code(term)
        when kind = 'avoid_region' and place = 'listed' then
            palpate.distinct_and_full(regions) and not 'whole_body' = any (regions)
        when kind = 'avoid_region' then place is not null and regions is null
        else num_nonnulls(number, term, place) = 0
    end
    and num_nonnulls(number, term, place) <= 1
    and (regions is null or place = 'listed'),
    false
);
comment on function palpate.modification_fits(
    palpate.modification_kind, integer, text, palpate.modification_place, palpate.region[]
) is 'Whether the value of a modification is of the type and in the range of its kind; the kinds left over are flags';

-- ---------------------------------------------------------------------------------------------------------------
-- Versions and their languages

create table palpate.catalogue_version (
    version          integer generated always as identity primary key,
    name             palpate.code not null,
    label            palpate.prose not null,
    title            palpate.prose not null,
    language         palpate.language_tag not null,
    review_status    palpate.review_status,
    review_by        palpate.prose,
    review_on        date,
    digest           char(64) not null,
    sealed           boolean not null default false,
    loaded_at        timestamptz not null default now(),
    constraint catalogue_version_digest_is_new unique (digest),
    constraint catalogue_version_digest_is_hex check (digest ~ '^[0-9a-f]{64}$'),
    constraint catalogue_version_signed_by_someone
        check (num_nonnulls(review_by, review_on) = case review_status when 'signed' then 2 else 0 end)
);
comment on table palpate.catalogue_version is 'One stored catalogue: never changed, never taken away';
comment on column palpate.catalogue_version.version is 'Number that decisions are recorded with; gaps mean nothing';
comment on column palpate.catalogue_version.label is 'Member "version" of the document: the editors'' own name for it';
comment on column palpate.catalogue_version.language is 'Language of the texts that stand inside the items';
comment on column palpate.catalogue_version.digest is 'SHA-256 of the canonical document, in lower-case hexadecimal';
comment on column palpate.catalogue_version.sealed is 'True once everything is in and checked; nothing is added after';

create table palpate.catalogue_language (
    version       integer not null references palpate.catalogue_version,
    language      palpate.language_tag not null,
    own           boolean not null default false,
    review_status palpate.review_status,
    review_by     palpate.prose,
    review_on     date,
    primary key (version, language),
    constraint catalogue_language_translation_is_reviewed check (own = (review_status is null)),
    constraint catalogue_language_signed_by_someone
        check (num_nonnulls(review_by, review_on) = case review_status when 'signed' then 2 else 0 end)
);
create unique index catalogue_language_one_own on palpate.catalogue_language (version) where own;
comment on table palpate.catalogue_language is 'Languages in which a version has texts';
comment on column palpate.catalogue_language.own is
    'The catalogue''s own language, in which every text is there; the others are translations and may have gaps';

-- ---------------------------------------------------------------------------------------------------------------
-- Evidence

create table palpate.evidence (
    version       integer not null references palpate.catalogue_version,
    id            palpate.code not null,
    ord           integer not null,
    design        palpate.study_design not null,
    title         palpate.prose not null,
    authors       palpate.prose,
    year          integer,
    venue         palpate.prose,
    doi           text,
    pmid          text,
    url           text,
    certainty     palpate.certainty not null,
    verified      palpate.verification not null,
    verified_note palpate.prose,
    primary key (version, id),
    unique (version, ord),
    constraint evidence_year_is_plausible check (year between 1500 and 2200),
    constraint evidence_doi_is_a_doi check (doi ~ '^10\.[0-9]{4,9}/\S+$'),
    constraint evidence_pmid_is_a_number check (pmid ~ '^[1-9][0-9]{0,8}$'),
    constraint evidence_url_is_an_address check (url ~ '^https?://\S+$')
);
comment on table palpate.evidence is 'Sources that rules, techniques, courses and their changes cite';
comment on column palpate.evidence.title is 'As published, so it is not translated';
comment on column palpate.evidence.doi is 'Null, like pmid and url, wherever it was not certain';
comment on column palpate.evidence.certainty is 'Grade of the source; whoever cites it carries a grade of its own';
comment on column palpate.evidence.verified_note is 'What was seen of the source and what was not; for editors';

create table palpate.evidence_name (
    version  integer not null,
    name     palpate.code not null,
    evidence palpate.code not null,
    ord      integer not null,
    primary key (version, name),
    unique (version, evidence, ord),
    foreign key (version, evidence) references palpate.evidence,
    constraint evidence_name_own_comes_first check ((ord = 0) = (name = evidence))
);
alter table palpate.evidence
    add constraint evidence_is_found_by_its_id
    foreign key (version, id) references palpate.evidence_name (version, name) deferrable initially deferred;
comment on table palpate.evidence_name is
    'Every name of a source, its id (ord 0) and its aliases: no name means two sources, and a source is cited by any';

create table palpate.evidence_text (
    version    integer not null,
    language   palpate.language_tag not null,
    evidence   palpate.code not null,
    finding    palpate.prose,
    population palpate.prose,
    primary key (version, language, evidence),
    foreign key (version, language) references palpate.catalogue_language,
    foreign key (version, evidence) references palpate.evidence,
    constraint evidence_text_says_something check (num_nonnulls(finding, population) > 0)
);
comment on table palpate.evidence_text is 'What a source found, and in whom';

-- ---------------------------------------------------------------------------------------------------------------
-- Facts: what can be asked, coded, listed or cleared

create table palpate.attribute (
    version integer not null references palpate.catalogue_version,
    id      palpate.code not null,
    ord     integer not null,
    primary key (version, id),
    unique (version, ord)
);
comment on table palpate.attribute is
    'What may be asked beside whether a fact is present; sex and pain_max belong to the person, not to a fact';

create table palpate.attribute_text (
    version   integer not null,
    language  palpate.language_tag not null,
    attribute palpate.code not null,
    question  palpate.prose not null,
    primary key (version, language, attribute),
    foreign key (version, language) references palpate.catalogue_language,
    foreign key (version, attribute) references palpate.attribute
);
comment on table palpate.attribute_text is 'How an attribute is asked for';

create table palpate.fact (
    version           integer not null references palpate.catalogue_version,
    id                palpate.code not null,
    ord               integer not null,
    kind              palpate.fact_kind not null,
    fact_group        palpate.code not null,
    gate              boolean not null,
    ask_if            palpate.condition,
    valid_days        integer,
    clearance_only    boolean not null,
    complaints_listed boolean,
    primary key (version, id),
    unique (version, ord),
    constraint fact_valid_days_in_range check (valid_days between 0 and 36525),
    constraint fact_clearance_only_is_never_asked
        check (not clearance_only or not gate and ask_if is null and valid_days is null),
    constraint fact_complaints_only_for_a_clearance check (clearance_only or complaints_listed is null),
    constraint fact_id_is_no_derived_variable check (
        id not in ('age_years', 'sex', 'goals', 'onset_any', 'cause_any', 'pain_max', 'acuity', 'duration_days_max',
                   'has_technique_wish', 'regions_over_two', 'preferences')
    )
);
comment on table palpate.fact is
    'A thing about the person that is present, absent or unknown; an umbrella question is a fact with rows in '
    'fact_cover';
comment on column palpate.fact.fact_group is 'Member "group": the part of the questionnaire it belongs to';
comment on column palpate.fact.gate is 'One of the questions that must be answered before any session';
comment on column palpate.fact.ask_if is
    'Where this is false the question does not apply: unstated, the fact is absent';
comment on column palpate.fact.valid_days is
    'A dated finding older than this no longer counts; without a date it is current. Null: counts for ever';
comment on column palpate.fact.clearance_only is
    'Never asked, stated or read: a clearance names it to clear what rules read from age, pain or a complaint';
comment on column palpate.fact.complaints_listed is
    'Whose complaints a clearance of it must be newer than: true, those of fact_complaint_region; false, every '
    'complaint; null, none';

create table palpate.fact_text (
    version        integer not null,
    language       palpate.language_tag not null,
    fact           palpate.code not null,
    label          palpate.prose,
    question       palpate.prose,
    answer_meaning palpate.prose,
    primary key (version, language, fact),
    foreign key (version, language) references palpate.catalogue_language,
    foreign key (version, fact) references palpate.fact,
    constraint fact_text_says_something check (num_nonnulls(label, question, answer_meaning) > 0)
);
comment on table palpate.fact_text is 'What a fact is called and how it is asked';
comment on column palpate.fact_text.answer_meaning is 'What "present" means, where it is not what one would think';

create table palpate.fact_attribute (
    version   integer not null,
    fact      palpate.code not null,
    ord       integer not null,
    attribute palpate.code not null,
    primary key (version, fact, ord),
    unique (version, fact, attribute),
    foreign key (version, fact) references palpate.fact,
    foreign key (version, attribute) references palpate.attribute,
    constraint fact_attribute_is_of_a_fact check (attribute not in ('sex', 'pain_max'))
);
comment on table palpate.fact_attribute is 'Attributes that a finding of the fact may carry; others are ignored';

create table palpate.fact_implication (
    version integer not null,
    fact    palpate.code not null,
    ord     integer not null,
    implied palpate.code not null,
    primary key (version, fact, ord),
    unique (version, fact, implied),
    foreign key (version, fact) references palpate.fact,
    foreign key (version, implied) references palpate.fact,
    constraint fact_implication_not_of_itself check (fact <> implied)
);
comment on table palpate.fact_implication is 'Whoever has the fact also has the implied one';

create table palpate.fact_cover (
    version  integer not null,
    umbrella palpate.code not null,
    ord      integer not null,
    covered  palpate.code not null,
    primary key (version, umbrella, ord),
    foreign key (version, umbrella) references palpate.fact,
    foreign key (version, covered) references palpate.fact,
    constraint fact_cover_one_umbrella unique (version, covered),
    constraint fact_cover_not_of_itself check (umbrella <> covered)
);
comment on table palpate.fact_cover is
    'Umbrella questions: "no" to the umbrella makes every covered fact absent, a covered fact present makes it "yes"';

create table palpate.fact_complaint_region (
    version integer not null,
    fact    palpate.code not null,
    ord     integer not null,
    region  palpate.region not null,
    primary key (version, fact, ord),
    unique (version, fact, region),
    foreign key (version, fact) references palpate.fact
);
comment on table palpate.fact_complaint_region is
    'A clearance of the fact counts only if it is newer than every complaint in these regions';

create table palpate.coding (
    version      integer not null,
    fact         palpate.code not null,
    system       text not null,
    ord          integer not null,
    prefix       text not null,
    prefix_plain text not null generated always as (upper(replace(prefix, '.', ''))) stored,
    primary key (version, fact, system, ord),
    foreign key (version, fact) references palpate.fact,
    constraint coding_once_for_a_fact unique (version, system, prefix_plain, fact),
    constraint coding_system_is_a_name check (system ~ '^[a-z0-9][a-z0-9._-]*$'),
    constraint coding_prefix_is_the_start_of_a_code check (prefix ~ '^[A-Za-z0-9][A-Za-z0-9.]{0,31}$')
);
comment on table palpate.coding is
    'Codes of records that name facts: the longest prefix of a code wins, and names every fact that has that prefix';
comment on column palpate.coding.system is 'icd-10-cm, atc and the like';
comment on column palpate.coding.prefix_plain is 'The prefix as it is compared: dots and letter case do not count';

-- ---------------------------------------------------------------------------------------------------------------
-- Techniques

create table palpate.technique (
    version         integer not null references palpate.catalogue_version,
    code            palpate.code not null,
    ord             integer not null,
    kind            palpate.technique_kind not null,
    pressure        integer not null,
    min_pressure    integer not null,
    minutes_from    integer not null,
    minutes_to      integer not null,
    default_offered boolean not null,
    offer_when      palpate.condition,
    never_offered   boolean not null,
    primary key (version, code),
    unique (version, ord),
    constraint technique_pressure_in_range check (1 <= min_pressure and min_pressure <= pressure and pressure <= 5),
    constraint technique_minutes_in_range
        check (1 <= minutes_from and minutes_from <= minutes_to and minutes_to <= 480),
    constraint technique_never_offered_at_all check (not never_offered or not default_offered and offer_when is null)
);
comment on table palpate.technique is 'Ways of massage, and the single strokes they are made of';
comment on column palpate.technique.pressure is 'Deepest it normally goes, from 1 (barely touching) to 5 (hard)';
comment on column palpate.technique.min_pressure is
    'Lightest at which it is still this technique: a lower cap forbids it';
comment on column palpate.technique.minutes_from is 'Shortest usual session; first of "typical_minutes"';
comment on column palpate.technique.minutes_to is 'Longest usual session; second of "typical_minutes"';
comment on column palpate.technique.default_offered is 'Offered without being wished for';
comment on column palpate.technique.offer_when is 'Offered only where this holds; decides before any rule';
comment on column palpate.technique.never_offered is 'Listed only so that it can be refused; technique_text says why';

create table palpate.technique_text (
    version       integer not null,
    language      palpate.language_tag not null,
    technique     palpate.code not null,
    name          palpate.prose,
    summary       palpate.prose,
    notes         palpate.prose,
    never_offered palpate.prose,
    primary key (version, language, technique),
    foreign key (version, language) references palpate.catalogue_language,
    foreign key (version, technique) references palpate.technique,
    constraint technique_text_says_something check (num_nonnulls(name, summary, notes, never_offered) > 0)
);
comment on table palpate.technique_text is 'What a technique is called and what it is';
comment on column palpate.technique_text.never_offered is 'Why it is never offered';

create table palpate.technique_trait (
    version   integer not null,
    technique palpate.code not null,
    ord       integer not null,
    trait     palpate.trait not null,
    primary key (version, technique, ord),
    unique (version, technique, trait),
    foreign key (version, technique) references palpate.technique
);
comment on table palpate.technique_trait is
    'Traits that the targets of rules read; what is not listed it does not have';

create table palpate.technique_essential (
    version   integer not null,
    technique palpate.code not null,
    ord       integer not null,
    trait     palpate.trait not null,
    primary key (version, technique, ord),
    unique (version, technique, trait),
    constraint technique_essential_is_a_trait_of_it
        foreign key (version, technique, trait) references palpate.technique_trait (version, technique, trait)
);
comment on table palpate.technique_essential is
    'Traits without which nothing of the technique is left: a session without them refuses it';

create table palpate.technique_position (
    version       integer not null,
    technique     palpate.code not null,
    ord           integer not null,
    body_position palpate.body_position not null,
    primary key (version, technique, ord),
    unique (version, technique, body_position),
    foreign key (version, technique) references palpate.technique
);
comment on table palpate.technique_position is 'How the client may lie or sit for it, the usual first';

create table palpate.technique_good_for (
    version   integer not null,
    technique palpate.code not null,
    ord       integer not null,
    goal      palpate.goal,
    region    palpate.region,
    acuity    palpate.acuity,
    primary key (version, technique, ord),
    unique nulls not distinct (version, technique, goal, region, acuity),
    foreign key (version, technique) references palpate.technique,
    constraint technique_good_for_one_thing check (num_nonnulls(goal, region, acuity) = 1)
);
comment on table palpate.technique_good_for is 'Goals, regions and stages it suits; ranks techniques, forbids nothing';

create table palpate.technique_evidence (
    version   integer not null,
    technique palpate.code not null,
    ord       integer not null,
    evidence  palpate.code not null,
    primary key (version, technique, ord),
    unique (version, technique, evidence),
    foreign key (version, technique) references palpate.technique,
    foreign key (version, evidence) references palpate.evidence_name
);
comment on table palpate.technique_evidence is 'Sources for a technique';

-- ---------------------------------------------------------------------------------------------------------------
-- Rules: what a finding or a complaint does to which technique, where, and what is said

create table palpate.rule (
    version        integer not null references palpate.catalogue_version,
    id             palpate.code not null,
    ord            integer not null,
    topic          palpate.prose,
    applies_when   palpate.condition not null,
    target         palpate.condition,
    effect         palpate.verdict not null,
    disposition    palpate.disposition,
    severity       palpate.severity not null,
    if_unknown     palpate.if_unknown,
    place          palpate.rule_place not null,
    clearable_by   palpate.clearer,
    cleared_effect palpate.verdict,
    acute          boolean not null,
    certainty      palpate.certainty not null,
    review_status  palpate.review_status,
    review_by      palpate.prose,
    review_on      date,
    primary key (version, id),
    unique (version, ord),
    constraint rule_effect_is_a_judgement check (effect <> 'needs_answers'),
    constraint rule_disposition_is_a_judgement check (disposition not in ('proceed', 'needs_answers')),
    constraint rule_effect_as_grave_as_its_disposition check (
        case
            when disposition >= 'do_not_treat' then effect = 'not_allowed'
            when disposition = 'clearance_required' then effect >= 'clearance_required'
            when disposition = 'proceed_modified' then effect >= 'modified'
            else true
        end
    ),
    constraint rule_severity_as_grave_as_its_disposition check (
        case disposition
            when 'emergency' then severity = 'emergency'
            when 'refer_urgently' then severity >= 'urgent'
            else true
        end
    ),
    constraint rule_clearable_has_cleared_effect check ((clearable_by is null) = (cleared_effect is null)),
    constraint rule_cleared_effect_is_milder check (
        cleared_effect in ('allowed', 'modified') and cleared_effect <= effect
    ),
    constraint rule_acute_only_if_clearable check (clearable_by is not null or not acute),
    constraint rule_signed_by_someone
        check (num_nonnulls(review_by, review_on) = case review_status when 'signed' then 2 else 0 end)
);
comment on table palpate.rule is
    'What a finding or a complaint does to techniques; a further rule only makes it stricter';
comment on column palpate.rule.topic is 'Heading it stands under in the catalogue';
comment on column palpate.rule.applies_when is 'Member "when": condition over facts, attributes and derived variables';
comment on column palpate.rule.target is 'Condition over a technique''s traits and pressure; null: every technique';
comment on column palpate.rule.effect is 'Verdict on the techniques it targets; allowed only informs';
comment on column palpate.rule.disposition is 'What it asks for the person; null: it judges its techniques only';
comment on column palpate.rule.if_unknown is 'Null: not said, which asks';
comment on column palpate.rule.place is 'Member "regions"; listed: those of rule_region';
comment on column palpate.rule.clearable_by is
    'Who may lift it, for the facts of rule_clearance; null: no clearance lifts it';
comment on column palpate.rule.cleared_effect is 'Verdict that is left once it is lifted';
comment on column palpate.rule.acute is
    'An undated finding may be newer than the clearance, so its date is asked before the clearance counts';

create table palpate.rule_text (
    version   integer not null,
    language  palpate.language_tag not null,
    rule      palpate.code not null,
    message   palpate.prose,
    note      palpate.prose,
    action    palpate.prose,
    rationale palpate.prose,
    primary key (version, language, rule),
    foreign key (version, language) references palpate.catalogue_language,
    foreign key (version, rule) references palpate.rule,
    constraint rule_text_says_something check (num_nonnulls(message, note, action, rationale) > 0)
);
comment on table palpate.rule_text is 'What a rule says';
comment on column palpate.rule_text.message is 'To the client';
comment on column palpate.rule_text.note is 'To the therapist: what to ask, watch or know';
comment on column palpate.rule_text.action is 'What to do now';
comment on column palpate.rule_text.rationale is 'Why the rule is there';

create table palpate.rule_region (
    version integer not null,
    rule    palpate.code not null,
    ord     integer not null,
    region  palpate.region not null,
    primary key (version, rule, ord),
    unique (version, rule, region),
    foreign key (version, rule) references palpate.rule,
    constraint rule_region_is_a_part check (region <> 'whole_body')
);
comment on table palpate.rule_region is 'Regions of a rule whose place is listed';

create table palpate.rule_modification (
    version integer not null,
    rule    palpate.code not null,
    ord     integer not null,
    kind    palpate.modification_kind not null,
    number  integer,
    term    text,
    place   palpate.modification_place,
    regions palpate.region[],
    primary key (version, rule, ord),
    unique nulls not distinct (version, rule, kind, number, term, place, regions),
    foreign key (version, rule) references palpate.rule,
    constraint rule_modification_value_fits_its_kind
        check (palpate.modification_fits(kind, number, term, place, regions))
);
comment on table palpate.rule_modification is
    'How the session is changed while the rule holds; a kind without number, term or place is a flag that is set';
comment on column palpate.rule_modification.number is 'max_pressure: 1 to 5; max_minutes: minutes';
comment on column palpate.rule_modification.term is 'avoid_area, position, hygiene, therapist_trained: which one';
comment on column palpate.rule_modification.place is 'avoid_region: where';
comment on column palpate.rule_modification.regions is 'avoid_region whose place is listed: these';

create table palpate.rule_clearance (
    version integer not null,
    rule    palpate.code not null,
    ord     integer not null,
    fact    palpate.code not null,
    primary key (version, rule, ord),
    unique (version, rule, fact),
    foreign key (version, rule) references palpate.rule,
    foreign key (version, fact) references palpate.fact
);
comment on table palpate.rule_clearance is 'Member "clearance_for": facts that a clearance may name to lift the rule';

create table palpate.rule_evidence (
    version  integer not null,
    rule     palpate.code not null,
    ord      integer not null,
    evidence palpate.code not null,
    primary key (version, rule, ord),
    unique (version, rule, evidence),
    foreign key (version, rule) references palpate.rule,
    foreign key (version, evidence) references palpate.evidence_name
);
comment on table palpate.rule_evidence is 'Sources for a rule, the weightiest first';

-- ---------------------------------------------------------------------------------------------------------------
-- Courses: series of sessions for a complaint or a goal

create table palpate.course (
    version                   integer not null references palpate.catalogue_version,
    id                        palpate.code not null,
    ord                       integer not null,
    topic                     palpate.prose,
    applies_when              palpate.condition not null,
    priority                  integer not null,
    reassess_after_sessions   integer not null,
    max_sessions_without_gain integer not null,
    fallback_technique        palpate.code,
    certainty                 palpate.certainty not null,
    primary key (version, id),
    unique (version, ord),
    foreign key (version, fallback_technique) references palpate.technique,
    constraint course_priority_in_range check (priority between 0 and 1000),
    constraint course_reassess_in_range check (reassess_after_sessions between 1 and 100),
    constraint course_without_gain_in_range check (max_sessions_without_gain between 1 and 100)
);
comment on table palpate.course is 'A series of sessions for a complaint or a goal';
comment on column palpate.course.topic is 'Heading it stands under in the catalogue';
comment on column palpate.course.applies_when is 'Member "when"; must be true, unknown is no match';
comment on column palpate.course.priority is 'The highest of those that match is chosen';
comment on column palpate.course.max_sessions_without_gain is 'After so many sessions without gain it is stopped';
comment on column palpate.course.fallback_technique is
    'Marks the course that is used, with this technique, where no technique of another course is left';

create table palpate.course_text (
    version         integer not null,
    language        palpate.language_tag not null,
    course          palpate.code not null,
    title           palpate.prose,
    expected_change palpate.prose,
    if_improving    palpate.prose,
    if_unchanged    palpate.prose,
    if_worse        palpate.prose,
    notes           palpate.prose,
    primary key (version, language, course),
    foreign key (version, language) references palpate.catalogue_language,
    foreign key (version, course) references palpate.course
);
comment on table palpate.course_text is 'What a course is called, what to expect of it and what then';

create table palpate.course_line (
    version  integer not null,
    language palpate.language_tag not null,
    course   palpate.code not null,
    list     palpate.course_list not null,
    ord      integer not null,
    line     palpate.prose not null,
    primary key (version, language, course, list, ord),
    foreign key (version, language, course) references palpate.course_text
);
comment on table palpate.course_line is
    'Signs to stop, self-care and other care, line by line; a translation has as many lines';

create table palpate.course_focus (
    version integer not null,
    course  palpate.code not null,
    ord     integer not null,
    region  palpate.region not null,
    primary key (version, course, ord),
    unique (version, course, region),
    foreign key (version, course) references palpate.course
);
comment on table palpate.course_focus is 'Regions that the sessions work on';

create table palpate.course_technique (
    version   integer not null,
    course    palpate.code not null,
    ord       integer not null,
    technique palpate.code not null,
    primary key (version, course, ord),
    unique (version, course, technique),
    foreign key (version, course) references palpate.course,
    foreign key (version, technique) references palpate.technique
);
comment on table palpate.course_technique is 'Techniques a course is for, the preferred first';

create table palpate.course_phase (
    version  integer not null,
    course   palpate.code not null,
    ord      integer not null,
    sessions integer not null,
    per_week numeric not null,
    minutes  integer not null,
    pressure integer not null,
    primary key (version, course, ord),
    foreign key (version, course) references palpate.course,
    constraint course_phase_sessions_in_range check (sessions between 1 and 100),
    constraint course_phase_per_week_in_range check (per_week > 0 and per_week <= 14),
    constraint course_phase_minutes_in_range check (minutes between 1 and 480),
    constraint course_phase_pressure_in_range check (pressure between 1 and 5)
);
comment on table palpate.course_phase is 'Stretches of a course, in order';
comment on column palpate.course_phase.per_week is 'Sessions a week; 0.5 is one in two weeks';

create table palpate.course_phase_text (
    version  integer not null,
    language palpate.language_tag not null,
    course   palpate.code not null,
    ord      integer not null,
    name     palpate.prose not null,
    intent   palpate.prose,
    only_if  palpate.prose,
    primary key (version, language, course, ord),
    foreign key (version, language, course) references palpate.course_text,
    foreign key (version, course, ord) references palpate.course_phase
);
comment on table palpate.course_phase_text is 'What a phase is called, what it is for and when it is entered';

create table palpate.course_evidence (
    version  integer not null,
    course   palpate.code not null,
    ord      integer not null,
    evidence palpate.code not null,
    primary key (version, course, ord),
    unique (version, course, evidence),
    foreign key (version, course) references palpate.course,
    foreign key (version, evidence) references palpate.evidence_name
);
comment on table palpate.course_evidence is 'Sources for a course';

-- ---------------------------------------------------------------------------------------------------------------
-- Adjustments: what the person and the wishes change in a course

create table palpate.adjustment (
    version                 integer not null references palpate.catalogue_version,
    id                      palpate.code not null,
    ord                     integer not null,
    rank                    integer not null,
    applies_when            palpate.condition not null,
    scope                   palpate.adjustment_scope,
    first_sessions          integer,
    minutes_max             integer,
    minutes_prefer          integer,
    pressure_max            integer,
    pressure_delta          integer,
    per_week_max            numeric,
    sessions_max            integer,
    weeks_max               integer,
    focus_max_per_session   integer,
    reassess_after_sessions integer,
    no_course               boolean not null,
    no_course_at_pain       integer,
    certainty               palpate.certainty not null,
    primary key (version, id),
    unique (version, ord),
    constraint adjustment_rank_once unique (version, rank),
    constraint adjustment_first_sessions_as_scoped
        check ((first_sessions is null) = (scope is distinct from 'first_sessions')),
    constraint adjustment_limits_in_range check (
        first_sessions between 1 and 100
        and minutes_max between 1 and 480
        and minutes_prefer between 1 and 480
        and pressure_max between 1 and 5
        and pressure_delta between -5 and 0
        and per_week_max > 0 and per_week_max <= 14
        and sessions_max between 1 and 100
        and weeks_max between 1 and 520
        and focus_max_per_session between 1 and 23
        and reassess_after_sessions between 1 and 100
        and no_course_at_pain between 0 and 10
    )
);
comment on table palpate.adjustment is 'What the person changes in a course; all that are true hold together';
comment on column palpate.adjustment.rank is 'Member "order": in which they are told';
comment on column palpate.adjustment.applies_when is 'Member "when"; must be true';
comment on column palpate.adjustment.scope is 'Null: the whole course';
comment on column palpate.adjustment.first_sessions is 'How many sessions the scope first_sessions is';
comment on column palpate.adjustment.minutes_prefer is 'Taken as the wish where none was given';
comment on column palpate.adjustment.weeks_max is 'Only where the weekly wish lengthened the course';
comment on column palpate.adjustment.focus_max_per_session is 'Regions that one session works on';
comment on column palpate.adjustment.no_course is 'No course for this person';
comment on column palpate.adjustment.no_course_at_pain is
    'Member "pain_max" of "no_course_at": no course from this pain on, but for adjustment_exception';

create table palpate.adjustment_text (
    version        integer not null,
    language       palpate.language_tag not null,
    adjustment     palpate.code not null,
    title          palpate.prose,
    why            palpate.prose,
    reason         palpate.prose,
    reason_at_pain palpate.prose,
    primary key (version, language, adjustment),
    foreign key (version, language) references palpate.catalogue_language,
    foreign key (version, adjustment) references palpate.adjustment
);
comment on table palpate.adjustment_text is 'What an adjustment is called and why it is made';
comment on column palpate.adjustment_text.reason is 'Why there is no course, where no_course is set';
comment on column palpate.adjustment_text.reason_at_pain is 'Member "reason" of "no_course_at"';

create table palpate.adjustment_line (
    version    integer not null,
    language   palpate.language_tag not null,
    adjustment palpate.code not null,
    list       palpate.adjustment_list not null,
    ord        integer not null,
    line       palpate.prose not null,
    primary key (version, language, adjustment, list, ord),
    foreign key (version, language, adjustment) references palpate.adjustment_text
);
comment on table palpate.adjustment_line is 'Advice and care that an adjustment adds, line by line';

create table palpate.adjustment_technique (
    version    integer not null,
    adjustment palpate.code not null,
    use        palpate.adjustment_use not null,
    ord        integer not null,
    technique  palpate.code not null,
    primary key (version, adjustment, use, ord),
    unique (version, adjustment, use, technique),
    foreign key (version, adjustment) references palpate.adjustment,
    foreign key (version, technique) references palpate.technique
);
comment on table palpate.adjustment_technique is
    'Members "techniques_avoid", "techniques_drop", "techniques_allow" and "techniques_first" of an adjustment';

create table palpate.adjustment_technique_age (
    version    integer not null,
    adjustment palpate.code not null,
    ord        integer not null,
    technique  palpate.code not null,
    age_years  integer not null,
    primary key (version, adjustment, ord),
    unique (version, adjustment, technique),
    foreign key (version, adjustment) references palpate.adjustment,
    foreign key (version, technique) references palpate.technique,
    constraint adjustment_technique_age_in_range check (age_years between 0 and 130)
);
comment on table palpate.adjustment_technique_age is 'Member "techniques_from_age": not below this age';

create table palpate.adjustment_position (
    version       integer not null,
    adjustment    palpate.code not null,
    ord           integer not null,
    body_position palpate.body_position not null,
    primary key (version, adjustment, ord),
    unique (version, adjustment, body_position),
    foreign key (version, adjustment) references palpate.adjustment
);
comment on table palpate.adjustment_position is 'Member "positions_prefer": the best first';

create table palpate.adjustment_exception (
    version    integer not null,
    adjustment palpate.code not null,
    exception  palpate.exception_kind not null,
    ord        integer not null,
    fact       palpate.code not null,
    primary key (version, adjustment, exception, ord),
    unique (version, adjustment, exception, fact),
    foreign key (version, adjustment) references palpate.adjustment,
    foreign key (version, fact) references palpate.fact
);
comment on table palpate.adjustment_exception is
    'Members "unless_clearance_for" and "unless_chronic_with" of "no_course_at": with these there is a course '
    'after all';

create table palpate.adjustment_note (
    version        integer not null,
    adjustment     palpate.code not null,
    ord            integer not null,
    course         palpate.code not null,
    minutes_below  integer,
    per_week_below numeric,
    primary key (version, adjustment, ord),
    foreign key (version, adjustment) references palpate.adjustment,
    foreign key (version, course) references palpate.course,
    constraint adjustment_note_has_a_bound check (num_nonnulls(minutes_below, per_week_below) > 0),
    constraint adjustment_note_bounds_in_range
        check (minutes_below between 1 and 480 and per_week_below > 0 and per_week_below <= 14)
);
comment on table palpate.adjustment_note is
    'Member "note_if": said where the wish goes below the dose that was tested for the course';

create table palpate.adjustment_note_text (
    version    integer not null,
    language   palpate.language_tag not null,
    adjustment palpate.code not null,
    ord        integer not null,
    say        palpate.prose not null,
    primary key (version, language, adjustment, ord),
    foreign key (version, language, adjustment) references palpate.adjustment_text,
    foreign key (version, adjustment, ord) references palpate.adjustment_note
);
comment on table palpate.adjustment_note_text is 'What such a note says';

create table palpate.adjustment_evidence (
    version    integer not null,
    adjustment palpate.code not null,
    ord        integer not null,
    evidence   palpate.code not null,
    primary key (version, adjustment, ord),
    unique (version, adjustment, evidence),
    foreign key (version, adjustment) references palpate.adjustment,
    foreign key (version, evidence) references palpate.evidence_name
);
comment on table palpate.adjustment_evidence is 'Sources for an adjustment';

-- ---------------------------------------------------------------------------------------------------------------
-- Re-planning: what the sessions so far change in a course

create table palpate.replanning (
    version                 integer not null references palpate.catalogue_version,
    id                      palpate.code not null,
    ord                     integer not null,
    rank                    integer not null,
    decides                 boolean not null,
    applies_when            palpate.condition not null,
    action                  palpate.replanning_action not null,
    no_course               boolean not null,
    disposition             palpate.disposition,
    pressure_delta          integer,
    pressure_delta_max      integer,
    minutes_factor          numeric,
    min_days_between        integer,
    per_week                numeric,
    per_week_steps          numeric[],
    sessions_left_max       integer,
    reassess_after_sessions integer,
    technique               palpate.technique_change,
    techniques_drop_days    integer,
    certainty               palpate.certainty not null,
    primary key (version, id),
    unique (version, ord),
    constraint replanning_rank_once unique (version, rank),
    constraint replanning_refers_without_a_course check (
        no_course = (action in ('stop_refer', 'pause_refer')) and no_course = (disposition is not null)
    ),
    constraint replanning_disposition_stops check (disposition >= 'clearance_required'),
    constraint replanning_stops_only_if_it_decides check (decides or not no_course),
    constraint replanning_technique_as_its_action check ((technique is not null) = (action = 'change_technique')),
    constraint replanning_sessions_as_its_action
        check ((sessions_left_max is not null) = (action in ('finish', 'taper', 'continue_once'))),
    constraint replanning_per_week_as_its_action
        check ((per_week is not null) = (action = 'finish') and (per_week_steps is not null) = (action = 'taper')),
    constraint replanning_steps_are_rates check (
        per_week_steps is null
        or palpate.falls(per_week_steps) and 0 < all (per_week_steps) and 14 >= all (per_week_steps)
    ),
    constraint replanning_limits_in_range check (
        pressure_delta between -5 and 0
        and pressure_delta_max between 0 and 5
        and minutes_factor > 0 and minutes_factor <= 1
        and min_days_between between 1 and 365
        and per_week > 0 and per_week <= 14
        and sessions_left_max between 1 and 100
        and reassess_after_sessions between 1 and 100
        and techniques_drop_days between 1 and 3650
    )
);
comment on table palpate.replanning is
    'What the sessions so far make of the rest: the first true one, by rank, that decides, decides; the others '
    'add to it';
comment on column palpate.replanning.rank is 'Member "order"';
comment on column palpate.replanning.applies_when is 'Member "when"; must be true';
comment on column palpate.replanning.disposition is 'What it asks for the person, joined with that of the rules';
comment on column palpate.replanning.pressure_delta is 'Change of pressure; the strongest of the true ones holds';
comment on column palpate.replanning.pressure_delta_max is 'How far a change of pressure may be the one thing changed';
comment on column palpate.replanning.minutes_factor is 'Minutes times this, rounded down';
comment on column palpate.replanning.per_week_steps is 'Sessions a week come down along these steps';
comment on column palpate.replanning.techniques_drop_days is
    'For how long the techniques of replanning_technique_drop and the traits of replanning_trait_drop are left out';

create table palpate.replanning_text (
    version    integer not null,
    language   palpate.language_tag not null,
    replanning palpate.code not null,
    say        palpate.prose,
    phase_name palpate.prose,
    primary key (version, language, replanning),
    foreign key (version, language) references palpate.catalogue_language,
    foreign key (version, replanning) references palpate.replanning
);
comment on table palpate.replanning_text is 'What is said when a re-planning rule is true';
comment on column palpate.replanning_text.phase_name is 'What the one phase is called that it leaves of the course';

create table palpate.replanning_line (
    version    integer not null,
    language   palpate.language_tag not null,
    replanning palpate.code not null,
    ord        integer not null,
    line       palpate.prose not null,
    primary key (version, language, replanning, ord),
    foreign key (version, language, replanning) references palpate.replanning_text
);
comment on table palpate.replanning_line is 'Member "advice", line by line';

create table palpate.replanning_ask (
    version    integer not null,
    replanning palpate.code not null,
    ord        integer not null,
    fact       palpate.code not null,
    primary key (version, replanning, ord),
    unique (version, replanning, fact),
    foreign key (version, replanning) references palpate.replanning,
    foreign key (version, fact) references palpate.fact
);
comment on table palpate.replanning_ask is 'Facts to ask about after what happened';

create table palpate.replanning_technique_drop (
    version    integer not null,
    replanning palpate.code not null,
    ord        integer not null,
    technique  palpate.code not null,
    primary key (version, replanning, ord),
    unique (version, replanning, technique),
    foreign key (version, replanning) references palpate.replanning,
    foreign key (version, technique) references palpate.technique
);
comment on table palpate.replanning_technique_drop is 'Member "techniques_drop"';

create table palpate.replanning_trait_drop (
    version    integer not null,
    replanning palpate.code not null,
    ord        integer not null,
    trait      palpate.trait not null,
    primary key (version, replanning, ord),
    unique (version, replanning, trait),
    foreign key (version, replanning) references palpate.replanning
);
comment on table palpate.replanning_trait_drop is 'Member "techniques_drop_with": techniques with one of these traits';

create table palpate.replanning_modification (
    version    integer not null,
    replanning palpate.code not null,
    ord        integer not null,
    kind       palpate.modification_kind not null,
    number     integer,
    term       text,
    place      palpate.modification_place,
    regions    palpate.region[],
    primary key (version, replanning, ord),
    unique nulls not distinct (version, replanning, kind, number, term, place, regions),
    foreign key (version, replanning) references palpate.replanning,
    constraint replanning_modification_value_fits_its_kind
        check (palpate.modification_fits(kind, number, term, place, regions)),
    constraint replanning_modification_leaves_out_regions_or_traits check (
        place is not null and place = 'listed'
        or place is null and kind in (
            'no_heat', 'no_stretch', 'no_vibration', 'no_skin_friction', 'no_thrust', 'no_joint_mobilisation',
            'no_scent', 'no_oil'
        )
    )
);
comment on table palpate.replanning_modification is 'How the next session is changed; columns as in rule_modification';

create table palpate.replanning_phase (
    version    integer not null,
    replanning palpate.code not null,
    ord        integer not null,
    sessions   integer not null,
    per_week   numeric not null,
    minutes    integer not null,
    pressure   integer not null,
    primary key (version, replanning, ord),
    foreign key (version, replanning) references palpate.replanning,
    constraint replanning_phase_sessions_in_range check (sessions between 1 and 100),
    constraint replanning_phase_per_week_in_range check (per_week > 0 and per_week <= 14),
    constraint replanning_phase_minutes_in_range check (minutes between 1 and 480),
    constraint replanning_phase_pressure_in_range check (pressure between 1 and 5)
);
comment on table palpate.replanning_phase is 'Phases that take the place of those of the course';

create table palpate.replanning_phase_text (
    version    integer not null,
    language   palpate.language_tag not null,
    replanning palpate.code not null,
    ord        integer not null,
    name       palpate.prose not null,
    intent     palpate.prose,
    only_if    palpate.prose,
    primary key (version, language, replanning, ord),
    foreign key (version, language, replanning) references palpate.replanning_text,
    foreign key (version, replanning, ord) references palpate.replanning_phase
);
comment on table palpate.replanning_phase_text is 'What such a phase is called, what it is for and when it is entered';

create table palpate.replanning_dose_check (
    version    integer not null,
    replanning palpate.code not null,
    ord        integer not null,
    course     palpate.code not null,
    minutes    integer not null,
    per_week   numeric not null,
    primary key (version, replanning, ord),
    unique (version, replanning, course),
    foreign key (version, replanning) references palpate.replanning,
    foreign key (version, course) references palpate.course,
    constraint replanning_dose_check_minutes_in_range check (minutes between 1 and 480),
    constraint replanning_dose_check_per_week_in_range check (per_week > 0 and per_week <= 14)
);
comment on table palpate.replanning_dose_check is
    'The dose that was tested for a course: tried before the style is changed';

create table palpate.replanning_evidence (
    version    integer not null,
    replanning palpate.code not null,
    ord        integer not null,
    evidence   palpate.code not null,
    primary key (version, replanning, ord),
    unique (version, replanning, evidence),
    foreign key (version, replanning) references palpate.replanning,
    foreign key (version, evidence) references palpate.evidence_name
);
comment on table palpate.replanning_evidence is 'Sources for a re-planning rule';

-- ---------------------------------------------------------------------------------------------------------------
-- Definitions: the windows, bounds and lists that rules, courses and re-planning read

create table palpate.definition (
    version                             integer primary key references palpate.catalogue_version,
    acuity_subacute_from_days           integer not null,
    acuity_chronic_from_days            integer not null,
    clearance_valid_days                integer not null,
    clearance_complaint_days            integer not null,
    readings_window_days                integer not null,
    readings_recent_entries             integer not null,
    readings_important_points           integer not null,
    readings_important_percent          integer not null,
    readings_substantial_percent        integer not null,
    readings_least_noticeable_points    integer not null,
    readings_worse_points               integer not null,
    readings_relapse_gap_days           integer not null,
    stop_lifted_clearance_for           palpate.code not null,
    stop_lifted_worsened_pressure_delta integer not null,
    stop_lifted_worsened_minutes_factor numeric not null,
    foreign key (version, stop_lifted_clearance_for) references palpate.fact,
    constraint definition_acuity_in_order
        check (0 < acuity_subacute_from_days and acuity_subacute_from_days <= acuity_chronic_from_days),
    constraint definition_clearance_in_range
        check (clearance_valid_days between 0 and 36525 and clearance_complaint_days between 0 and 36525),
    constraint definition_readings_in_range check (
        readings_window_days between 1 and 3650
        and readings_recent_entries between 1 and 100
        and readings_important_points between 1 and 10
        and readings_important_percent between 1 and 100
        and readings_substantial_percent between readings_important_percent and 100
        and readings_least_noticeable_points between 1 and readings_important_points
        and readings_worse_points between 1 and 10
        and readings_relapse_gap_days between 1 and 3650
    ),
    constraint definition_stop_lifted_in_range check (
        stop_lifted_worsened_pressure_delta between -5 and 0
        and stop_lifted_worsened_minutes_factor > 0 and stop_lifted_worsened_minutes_factor <= 1
    )
);
comment on table palpate.definition is 'Bounds that stand once for the whole catalogue';
comment on column palpate.definition.acuity_subacute_from_days is 'A complaint is acute below this';
comment on column palpate.definition.acuity_chronic_from_days is 'A complaint is chronic from this on';
comment on column palpate.definition.clearance_valid_days is 'A clearance counts for so long';
comment on column palpate.definition.clearance_complaint_days is
    'Member "complaint_days_if_not_given": how old a complaint is taken to be when a clearance must be newer than it';
comment on column palpate.definition.readings_window_days is 'Pain readings of sessions older than this are left out';
comment on column palpate.definition.readings_recent_entries is 'So many last readings are the present state';
comment on column palpate.definition.readings_important_points is 'Fall of pain (0-10) that a client calls important';
comment on column palpate.definition.readings_important_percent is 'The same, in percent of the pain at the start';
comment on column palpate.definition.readings_substantial_percent is 'Fall of pain that is called substantial';
comment on column palpate.definition.readings_least_noticeable_points is 'Smallest fall that counts as a gain at all';
comment on column palpate.definition.readings_worse_points is 'Rise of pain that counts as worse';
comment on column palpate.definition.readings_relapse_gap_days is 'Pain that is back after so long is a relapse';
comment on column palpate.definition.stop_lifted_clearance_for is
    'A clearance of this fact lifts a stop of the course and starts it anew';
comment on column palpate.definition.stop_lifted_worsened_pressure_delta is
    'Change of pressure of the new start where the stop was for pain that got worse';
comment on column palpate.definition.stop_lifted_worsened_minutes_factor is
    'Factor of the minutes of the new start where the stop was for pain that got worse';

create table palpate.definition_evidence (
    version  integer not null references palpate.definition,
    ord      integer not null,
    evidence palpate.code not null,
    primary key (version, ord),
    unique (version, evidence),
    foreign key (version, evidence) references palpate.evidence_name
);
comment on table palpate.definition_evidence is 'Sources for the bounds on readings';

create table palpate.complaint_list (
    version           integer not null references palpate.definition,
    id                palpate.code not null,
    ord               integer not null,
    duration_days_min integer,
    duration_days_max integer,
    pain_min          integer,
    pain_max          integer,
    onset             palpate.onset[],
    cause             palpate.cause[],
    not_given         palpate.not_given,
    primary key (version, id),
    unique (version, ord),
    constraint complaint_list_says_what_is_not_given check (
        (not_given is null)
        = (num_nonnulls(duration_days_min, duration_days_max, pain_min, pain_max, onset, cause) = 0)
    ),
    constraint complaint_list_duration_in_range check (
        coalesce(duration_days_min, 0) >= 0 and coalesce(duration_days_min, 0) <= coalesce(duration_days_max, 36525)
        and coalesce(duration_days_max, 0) <= 36525
    ),
    constraint complaint_list_pain_in_range check (
        coalesce(pain_min, 0) >= 0 and coalesce(pain_min, 0) <= coalesce(pain_max, 10) and coalesce(pain_max, 0) <= 10
    ),
    constraint complaint_list_onset_once check (palpate.distinct_and_full(onset) or onset is null),
    constraint complaint_list_cause_once check (palpate.distinct_and_full(cause) or cause is null)
);
comment on table palpate.complaint_list is
    'Lists of the regions of the complaints that pass a test, which conditions read by name; no test: every complaint';
comment on column palpate.complaint_list.duration_days_min is 'Lasts so long or longer';
comment on column palpate.complaint_list.duration_days_max is 'Lasts so long or shorter';
comment on column palpate.complaint_list.onset is 'Began in one of these ways';
comment on column palpate.complaint_list.cause is 'Has one of these causes';
comment on column palpate.complaint_list.not_given is 'What a complaint is that does not say the tested thing';

/* The least catalogue that compiles, for tests that need one and do not care what it says. */
#ifndef PALPATE_TESTS_LIVE_TINY_CATALOGUE_H
#define PALPATE_TESTS_LIVE_TINY_CATALOGUE_H

#include <stdio.h>
#include <stdlib.h>

#include "rules/rules.h"

/* ' stands for ", and # for the version. */
static const char tiny_document[] =
    "{'name':'tiny','version':'#','title':'A catalogue for tests','language':'en',"
    "'definitions':{'complaint_lists':[{'id':'complaint_regions'}],"
    "'acuity':{'subacute_from_days':42,'chronic_from_days':85},"
    "'clearance':{'valid_days':365,'complaint_days_if_not_given':42},"
    "'readings':{'window_days':120,'recent_entries':3,'important_points':2,'important_percent':30,"
    "'substantial_percent':50,'least_noticeable_points':1,'worse_points':2,'relapse_gap_days':14,'evidence':["
    "'e']},"
    "'stop_lifted':{'clearance_for':'f','worsened_pressure_delta':-2,'worsened_minutes_factor':0.5}},"
    "'attributes':[{'id':'date','question':'?'},{'id':'region','question':'?'},{'id':'side','question':'?'},"
    "{'id':'severity','question':'?'},{'id':'controlled','question':'?'},{'id':'gestation_weeks','question':'"
    "?'},"
    "{'id':'stage','question':'?'},{'id':'systolic','question':'?'},{'id':'diastolic','question':'?'},"
    "{'id':'platelets','question':'?'},{'id':'grade','question':'?'},{'id':'sex','question':'?'},"
    "{'id':'pain_max','question':'?'}],"
    "'facts':[{'id':'f','group':'g','kind':'condition','label':'F','question':'?',"
    "'codes':{'icd-10-cm':['Z99']}}],"
    "'techniques':[{'code':'t','kind':'technique','name':'T','summary':'S','pressure':3,'min_pressure':1,"
    "'positions':['prone'],'typical_minutes':[30,90],'default_offered':true,'evidence':['e'],'traits':['"
    "prone'],"
    "'good_for':['goal:sleep'],'notes':'n'}],"
    "'rules':[{'id':'r','when':{'var':'f'},'effect':'not_allowed','disposition':'do_not_treat','severity':'"
    "absolute',"
    "'regions':'systemic','message':'m','note':'n','action':'a','rationale':'r','evidence':['e'],'certainty':"
    "'expert',"
    "'review':{'status':'draft'}}],"
    "'courses':[{'id':'c','title':'C','when':{'in':['sleep',{'var':'goals'}]},'priority':1,'focus':['whole_"
    "body'],"
    "'techniques':['t'],'phases':[{'name':'P','sessions':1,'per_week':1,'minutes':30,'pressure':2,'intent':'"
    "i'}],"
    "'reassess_after_sessions':1,'expected_change':'x','if_improving':'x','if_unchanged':'x','if_worse':'x',"
    "'max_sessions_without_gain':1,'stop_if':['x'],'self_care':['x'],'co_care':['x'],'evidence':['e'],"
    "'certainty':'expert'}],"
    "'adjustments':[{'id':'a','title':'A','order':1,'when':{'==':[{'var':'sessions_done'},0]},'scope':'first_"
    "session',"
    "'minutes_max':45,'why':'w','evidence':['e'],'certainty':'expert'}],"
    "'replanning':[{'id':'p','order':1,'decides':true,'when':{'>=':[{'var':'sessions_done'},0]},'action':'"
    "continue',"
    "'say':'s','evidence':['e'],'certainty':'expert'}],"
    "'evidence':[{'id':'e','design':'consensus','title':'T','authors':'A','year':2020,'venue':'V','finding':'"
    "f',"
    "'certainty':'expert','url':'https://example.org/','verified':'read'}],"
    "'texts':{'ko':{'review':{'status':'draft'},'facts':{'f':{'label':'KF'}},'techniques':{'t':{'name':'KT'}},"
    "'rules':{'r':{'message':'KM'}}}}}";

/* Its text; gives the length. */
static inline size_t tiny_text(unsigned version, char *text, size_t room)
{
    size_t n = 0;
    for (const char *p = tiny_document; *p; p++)
        n += (size_t)(*p == '#' ? snprintf(text + n, room - n, "%u", version)
                                : snprintf(text + n, room - n, "%c", *p == '\'' ? '"' : *p));
    return n;
}

/* A catalogue of this version, with one reference. Stops the program when it does not compile. */
static inline struct catalogue *tiny_catalogue(unsigned version)
{
    static struct faults faults;
    struct arena arena;
    struct error err = { .code = RC_OK };
    struct source_doc doc = { 0 };
    struct catalogue *cat = NULL;
    char text[2 * sizeof(tiny_document)];
    size_t n = tiny_text(version, text, sizeof(text));
    arena_init(&arena, 0);
    faults_init(&faults, &arena);
    enum rc rc = source_load_text((struct str){ text, n }, &doc, &err);
    if (rc == RC_OK)
        rc = catalogue_new(&doc, &cat, &faults, &err);
    if (rc != RC_OK) {
        fprintf(stderr, "the tests' catalogue: %s\n", err.text);
        for (size_t i = 0; i < faults.n; i++)
            fprintf(stderr, "%.*s%.*s: %.*s\n", STR_ARGS(faults.at[i].item), STR_ARGS(faults.at[i].pointer),
                    STR_ARGS(faults.at[i].detail));
        abort();
    }
    source_done(&doc);
    arena_done(&arena);
    return cat;
}

#endif

// What a contract asks for and the data does not have, by what it is about; check/contract_findings tells it.
#include "vetset/check/contract_findings.h"

namespace vetset {

extern const Rule label_rule_broken{.code = "LBL107",
                                    .name = "label-rule-broken",
                                    .title = "labels break a rule of the contract",
                                    .severity = Severity::error,
                                    .evidence = EvidenceClass::proof,
                                    .needs = Needs::contract,
                                    .check = report_clauses,
                                    .not_run = [](const Evidence& e) { return no_clause(e, "LBL107"); }};

extern const Rule below_contract{.code = "COV204",
                                 .name = "below-contract",
                                 .title = "there is less of something than the contract asks for",
                                 .severity = Severity::error,
                                 .evidence = EvidenceClass::proof,
                                 .needs = Needs::contract,
                                 .check = report_clauses,
                                 .not_run = [](const Evidence& e) { return no_clause(e, "COV204"); }};

extern const Rule combinations_missing{.code = "COV205",
                                       .name = "combinations-missing",
                                       .title = "combinations of conditions are missing that the contract asks for",
                                       .severity = Severity::error,
                                       .evidence = EvidenceClass::proof,
                                       .needs = Needs::contract,
                                       .check = report_clauses,
                                       .not_run = [](const Evidence& e) { return no_clause(e, "COV205"); }};

extern const Rule one_time_dominates{.code = "COV214",
                                     .name = "one-time-dominates",
                                     .title = "too much of the data is of one day, hour or season",
                                     .severity = Severity::error,
                                     .evidence = EvidenceClass::proof,
                                     .needs = Needs::contract,
                                     .check = report_clauses,
                                     .not_run = [](const Evidence& e) { return no_clause(e, "COV214"); }};

extern const Rule one_place_dominates{.code = "COV215",
                                      .name = "one-place-dominates",
                                      .title = "too much of the data is of one place",
                                      .severity = Severity::error,
                                      .evidence = EvidenceClass::proof,
                                      .needs = Needs::contract,
                                      .check = report_clauses,
                                      .not_run = [](const Evidence& e) { return no_clause(e, "COV215"); }};

extern const Rule one_source_dominates{.code = "COV216",
                                       .name = "one-source-dominates",
                                       .title = "too much of the data is of one camera or source",
                                       .severity = Severity::warning,
                                       .evidence = EvidenceClass::proof,
                                       .needs = Needs::contract,
                                       .check = report_clauses,
                                       .not_run = [](const Evidence& e) { return no_clause(e, "COV216"); }};

extern const Rule negatives_out_of_bounds{.code = "COV217",
                                          .name = "negatives-out-of-bounds",
                                          .title = "images without objects are more or fewer than the contract says",
                                          .severity = Severity::error,
                                          .evidence = EvidenceClass::proof,
                                          .needs = Needs::contract,
                                          .check = report_clauses,
                                          .not_run = [](const Evidence& e) { return no_clause(e, "COV217"); }};

}  // namespace vetset

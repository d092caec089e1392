#include "vetset/base/json.h"
#include "vetset/vetset_contract.h"

namespace vetset {
namespace {

void write_tuple(JsonWriter& out, const LevelTuple& tuple) {
  out.begin_object();
  for (const auto& [factor, level] : tuple) out.key(factor).value(level);
  out.end_object();
}

void write_number(JsonWriter& out, std::string_view key, const std::optional<double>& value) {
  out.key(key);
  if (value)
    out.value(*value);
  else
    out.null();
}

void write_clause(JsonWriter& out, const Clause& clause, const ClauseResult& r) {
  out.begin_object().key("kind").value(name(clause.kind)).key("code").value(clause.code);
  out.key("text").value(clause.text()).key("line").value(clause.line).key("outcome").value(name(r.outcome));
  write_number(out, "measured", r.measured);
  out.key("interval");
  if (r.interval)
    out.begin_array().value(r.interval->low).value(r.interval->high).end_array();
  else
    out.null();
  write_number(out, "limit", r.limit);
  out.key("limit_is_most").value(r.limit_is_most).key("is_share").value(r.is_share);
  out.key("n").value(r.n).key("unknown").value(r.unknown);
  write_number(out, "null", r.null);
  out.key("said").value(r.said).key("short_count").value(r.short_count).key("shorts").begin_array();
  for (const ShortCell& cell : r.shorts) {
    out.begin_object().key("levels");
    write_tuple(out, cell.tuple);
    out.key("have").value(cell.have).key("need").value(cell.need).key("waived").value(cell.waived).end_object();
  }
  out.end_array().key("records").value(r.place_count).key("waived");
  if (r.waived != nullptr)
    out.begin_object()
        .key("reason")
        .value(r.waived->reason)
        .key("by")
        .value(r.waived->by)
        .key("until")
        .value(r.waived->until)
        .end_object();
  else
    out.null();
  out.end_object();
}

}  // namespace

std::string to_json(const ContractChecked& checked, std::string_view program, std::string_view source) {
  const Contract& contract = checked.run->contract;
  const ContractReport& report = checked.run->report;
  std::string text;
  JsonWriter out(text);
  out.begin_object().key("vetset-contract").value(1).key("program").value(program).key("source").value(source);
  out.key("dataset").value(contract.dataset).key("contract").value(contract.digest.text());
  out.key("strict").value(checked.strict).key("passed").value(checked.passed);
  out.key("outcome").value(name(report.outcome()));
  out.key("images").value(report.images).key("units").value(report.units).key("unit").value(report.unit_said);
  out.key("counts").begin_object().key("pass").value(report.passed).key("fail").value(report.failed);
  out.key("undecided").value(report.undecided).key("told").value(report.told).key("waived").value(report.waived);
  out.end_object().key("clauses").begin_array();
  for (const ClauseResult& r : report.clauses) write_clause(out, contract.clauses[r.clause], r);
  out.end_array().key("collect").begin_array();
  for (const ToCollect& wanted : report.order) {
    out.begin_object().key("levels");
    write_tuple(out, wanted.tuple);
    out.key("count")
        .value(wanted.count)
        .key("of")
        .value(wanted.objects       ? "objects"
               : contract.of_groups ? "groups"
                                    : "images");
    out.key("serves").value(wanted.serves).end_object();
  }
  out.end_array().end_object();
  return canonical_written(text);
}

}  // namespace vetset

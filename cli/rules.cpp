// vetset rules: the catalogue of what `check` looks for, and rules of a team's own.
#include "cli/judging.h"
#include "cli/own_rules.h"
#include "vetset/base/json.h"

namespace vetset::cli {
namespace {

struct RulesFlags {
  JudgingFlags judging;
  bool json = false;
};

constexpr const char* unread = "rules of your own are not listed: no Python here has vetset (VETSET_PYTHON names one)";

int run_rules(Terminal& t, const RulesFlags& f) {
  const auto judged = judging(".", f.judging, false);
  if (!judged) return t.fail(judged.error());
  const auto own = describe_own_rules(*judged);
  if (!own) return t.fail(own.error());
  const bool missing = *own == nullptr && !judged->rule_files.empty();
  if (missing && !f.judging.rules.empty()) return t.fail({Code::unsupported, unread});
  if (missing) t.say(judged->may_run_rules ? unread : "rules of your own are not listed: --rules FILE reads them");
  std::vector<const Rule*> all(rules().begin(), rules().end());
  if (*own)
    for (const Rule& rule : (*own)->as_rules) all.push_back(&rule);
  if (f.json) {
    std::string out;
    JsonWriter w(out);
    w.begin_array();
    for (const Rule* r : all) {
      w.begin_object()
          .key("code")
          .value(r->code)
          .key("revision")
          .value(std::uint32_t{r->revision})
          .key("name")
          .value(r->name);
      w.key("title")
          .value(r->title)
          .key("severity")
          .value(name(r->severity))
          .key("evidence")
          .value(name(r->evidence))
          .end_object();
    }
    w.end_array();
    t.out(pretty_json(out) + '\n');
    return Exit::yes;
  }
  for (const Rule* r : all) {
    const Ink ink = r->severity == Severity::error     ? Ink::red
                    : r->severity == Severity::warning ? Ink::yellow
                                                       : Ink::dim;
    t.out(t.ink(Ink::bold, r->code) + "  " + t.ink(ink, padded(name(r->severity), 8)) + " " + padded(r->name, 30) +
          " " + t.ink(Ink::dim, r->title) + "\n");
  }
  return Exit::yes;
}

}  // namespace

extern const Command rules_command;
const Command rules_command{.name = "rules",
                            .summary = "list what check looks for, rules of your own too",
                            .about = {},
                            .examples = {},
                            .first = false,
                            .define = [](Arguments& a) -> std::function<int(Terminal&)> {
                              auto f = std::make_shared<RulesFlags>();
                              define_rules(a, f->judging);
                              a.flag("--json", f->json, "print JSON");
                              return [f](Terminal& t) { return run_rules(t, *f); };
                            }};

}  // namespace vetset::cli

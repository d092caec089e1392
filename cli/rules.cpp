// vetset rules: the catalogue of what `check` looks for.
#include "cli/command.h"
#include "vetset/base/json.h"
#include "vetset/vetset.h"

namespace vetset::cli {
namespace {

int run_rules(Terminal& t, bool json) {
  if (json) {
    std::string out;
    JsonWriter w(out);
    w.begin_array();
    for (const Rule* r : rules()) {
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
  for (const Rule* r : rules()) {
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
                            .summary = "list what check looks for",
                            .about = {},
                            .examples = {},
                            .first = false,
                            .define = [](Arguments& a) -> std::function<int(Terminal&)> {
                              auto json = std::make_shared<bool>(false);
                              a.flag("--json", *json, "print JSON");
                              return [json](Terminal& t) { return run_rules(t, *json); };
                            }};

}  // namespace vetset::cli

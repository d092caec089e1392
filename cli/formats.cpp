// vetset formats: what vetset reads and writes, what each format declares to carry, and which images it decodes.
#include <algorithm>

#include "cli/command.h"
#include "vetset/base/json.h"
#include "vetset/image/decode.h"
#include "vetset/vetset.h"

namespace vetset::cli {
namespace {

void write_format(JsonWriter& w, const Format& f) {
  w.begin_object().key("id").value(f.id).key("title").value(f.title).key("judge").value(f.judge);
  w.key("tasks").begin_array();
  for (const std::string_view task : f.tasks) w.value(task);
  w.end_array().key("carries").begin_array();
  for (const Carry& c : f.carries) {
    w.begin_object().key("field").value(name(c.field)).key("verb").value(name(c.verb));
    w.key("conditional").value(c.when != nullptr).key("note").value(c.note).end_object();
  }
  w.end_array().key("choices").begin_array();
  for (const Choice& c : f.choices) {
    w.begin_object().key("decision").value(name(c.decision)).key("policies").begin_array();
    for (const Policy p : c.policies) w.value(name(p));
    w.end_array().key("why").value(c.why).end_object();
  }
  w.end_array().end_object();
}

void print_format(Terminal& t, const Format& f) {
  t.out(t.ink(Ink::bold, f.id) + "  " + std::string(f.title) + "\n");
  t.out("  held to: " + (f.judge.empty() ? std::string("itself only (self-consistent)") : std::string(f.judge)) +
        "\n\n");
  t.out("  what it carries; a field that is not listed has no place in it\n");
  std::size_t width = 0;
  for (const Carry& c : f.carries) width = std::max(width, name(c.field).size());
  Field last = Field::count;
  for (const Carry& c : f.carries) {
    t.out("    " + padded(c.field == last ? "" : name(c.field), width) + "  " + padded(name(c.verb), 10) + " " +
          t.ink(Ink::dim, c.note) + "\n");
    last = c.field;
  }
  if (f.choices.empty()) return;
  t.out("\n  what it asks (--accept); the first answer is what most people choose\n");
  for (const Choice& c : f.choices) {
    std::string answers;
    for (const Policy p : c.policies) answers += (answers.empty() ? "" : "|") + std::string(name(p));
    t.out("    " + padded(std::string(name(c.decision)) + "=" + answers, width) + "  " + t.ink(Ink::dim, c.why) + "\n");
  }
}

int run_images(Terminal& t, bool json) {
  const std::vector<Decoder> all = decoders();
  if (json) {
    std::string out;
    JsonWriter w(out);
    w.begin_array();
    for (const Decoder& d : all)
      w.begin_object()
          .key("type")
          .value(name(d.type))
          .key("library")
          .value(d.library)
          .key("needs")
          .value(d.needs)
          .end_object();
    w.end_array();
    t.out(pretty_json(out) + '\n');
    return Exit::yes;
  }
  for (const Decoder& d : all) {
    const std::string missing = "not decoded here: needs " + d.needs;
    t.out(t.ink(Ink::bold, padded(name(d.type), 6)) + (d.library.empty() ? t.ink(Ink::dim, missing) : d.library) +
          "\n");
  }
  return Exit::yes;
}

int run_formats(Terminal& t, const std::string& id, bool json) {
  const Format* one = id.empty() ? nullptr : find_format(id);
  if (!id.empty() && one == nullptr)
    return t.fail({Code::usage, "no format is called '" + id + "'; 'vetset formats' lists them"});
  if (json) {
    std::string out;
    JsonWriter w(out);
    w.begin_array();
    for (const Format* f : formats())
      if (one == nullptr || f == one) write_format(w, *f);
    w.end_array();
    t.out(pretty_json(out) + '\n');
    return Exit::yes;
  }
  if (one != nullptr) {
    print_format(t, *one);
    return Exit::yes;
  }
  std::size_t longest = 0;
  for (const Format* f : formats()) longest = std::max(longest, f->id.size());
  for (const Format* f : formats()) {
    std::string tasks;
    for (const std::string_view task : f->tasks) tasks += (tasks.empty() ? "" : ", ") + std::string(task);
    if (!tasks.empty()) tasks = "  " + t.ink(Ink::dim, tasks);
    t.out(t.ink(Ink::bold, padded(f->id, longest + 2)) + std::string(f->title) + tasks + "\n");
  }
  t.out("\n  'vetset formats ID' shows what a format carries, loses and asks\n");
  return Exit::yes;
}

}  // namespace

extern const Command formats_command;
const Command formats_command{.name = "formats",
                              .summary = "list the formats, or what one of them carries, loses and asks",
                              .about = {},
                              .examples = {},
                              .first = false,
                              .define = [](Arguments& a) -> std::function<int(Terminal&)> {
                                struct Flags {
                                  std::string id;
                                  bool json = false, images = false;
                                };
                                auto f = std::make_shared<Flags>();
                                a.positional("ID", f->id, "one format", false).flag("--json", f->json, "print JSON");
                                a.flag("--images", f->images, "list the image types that are decoded, and by what");
                                return [f](Terminal& t) {
                                  return f->images ? run_images(t, f->json) : run_formats(t, f->id, f->json);
                                };
                              }};

}  // namespace vetset::cli

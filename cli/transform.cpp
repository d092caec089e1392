// vetset transform: which objects and images stay, and which class becomes which.
#include <algorithm>

#include "cli/writing.h"
#include "vetset/base/json.h"
#include "vetset/base/unicode.h"
#include "vetset/dataset/expr_fields.h"

namespace vetset::cli {
namespace {

struct TransformFlags {
  std::string dst, output, where, images_where, classes_from, sample;
  std::vector<std::string> rename, merge, drop, keep, order;
  unsigned seed = 0;
  bool drop_empty = false, keep_empty = false, fields = false;
  WritingFlags writing;
};

std::string field_table(const Terminal& t, const ExprTable& table) {
  std::string text;
  for (const ExprField& field : table.fields) {
    text += "  " + t.ink(Ink::bold, padded(field.name, 19)) + padded(name(field.type), 11);
    text += wrapped(field.about, 32, t.width());
  }
  return text;
}

int show_fields(Terminal& t) {
  const std::size_t own = object_conditions().fields.size() - image_conditions().fields.size();
  const ExprTable objects{.fields = object_conditions().fields.first(own)};
  t.out(t.ink(Ink::bold, "Fields of an object") + ", for --where\n" + field_table(t, objects) + "\n");
  t.out(t.ink(Ink::bold, "Fields of an image") + ", for --images-where and for --where\n" +
        field_table(t, image_conditions()) + "\n");
  t.out("count(CONDITION) in --images-where counts the objects that meet it; count() counts all.\n");
  return Exit::yes;
}

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + printable(name);
  return out;
}

std::string told(const Terminal& t, const TransformReport& r) {
  std::string text;
  const auto line = [&](std::string_view head, const std::string& rest) {
    text += "  " + padded(head, 9) + wrapped(rest, 11, t.width());
  };
  std::vector<const ClassChange*> dropped;
  for (const ClassChange& c : r.classes) {
    if (c.to.empty()) dropped.push_back(&c);
    if (!c.changed() || c.to.empty()) continue;
    if (c.from.empty())
      line("new", "class " + printable(c.to));
    else
      line(c.from.size() > 1 ? "merged" : "renamed",
           listed(c.from) + " → " + printable(c.to) + ": " + counted(c.objects, "object"));
  }
  constexpr std::size_t most = 12;
  std::string names;
  for (std::size_t k = 0; k < std::min(most, dropped.size()); ++k)
    names += (k == 0 ? ": " : ", ") + printable(dropped[k]->from.front()) + " (" + with_commas(dropped[k]->objects) +
             (k == 0 ? dropped[k]->objects == 1 ? " object)" : " objects)" : ")");
  if (dropped.size() > most) names += " and " + std::to_string(dropped.size() - most) + " more";
  if (!dropped.empty()) line("dropped", counted(dropped.size(), "class", "classes") + names);
  const auto reasons = [](const std::array<std::uint64_t, 7>& counts,
                          std::initializer_list<std::pair<Gone, std::string_view>> words) {
    std::string out;
    for (const auto& [gone, word] : words)
      if (const std::uint64_t n = counts[static_cast<std::size_t>(gone)]; n > 0)
        out += (out.empty() ? "; left out: " : ", ") + with_commas(n) + " " + std::string(word);
    return out;
  };
  line("objects", with_commas(r.after.annotations) + " of " + with_commas(r.before.annotations) + " stay" +
                      reasons(r.objects, {{Gone::by_class, "of dropped classes"},
                                          {Gone::by_where, "by --where"},
                                          {Gone::by_image, "with their image"}}));
  line("images", with_commas(r.after.images) + " of " + with_commas(r.before.images) + " stay" +
                     reasons(r.images, {{Gone::by_images_where, "by --images-where"},
                                        {Gone::empty, "without objects"},
                                        {Gone::not_drawn, "not drawn"}}));
  if (r.emptied > 0)
    line("", with_commas(r.emptied) + (r.emptied == 1 ? " has" : " have") + " lost all objects and stay" +
                 (r.emptied == 1 ? "s" : "") + " as background; --drop-empty leaves " +
                 (r.emptied == 1 ? "it" : "them") + " out");
  return text + "\n";
}

std::string command_of(const TransformFlags& f) {
  std::string command = "vetset transform " + shell_word(f.writing.src);
  const auto text = [&](std::string_view flag, const std::string& value) {
    if (!value.empty()) command += " " + std::string(flag) + " " + shell_word(value);
  };
  const auto list = [&](std::string_view flag, const std::vector<std::string>& words) {
    std::string all;
    for (const std::string& word : words) all += (all.empty() ? "" : ",") + word;
    text(flag, all);
  };
  text("-o", f.dst);
  list("--rename", f.rename);
  list("--merge", f.merge);
  list("--drop-classes", f.drop);
  list("--keep-classes", f.keep);
  list("--order", f.order);
  text("--classes-from", f.classes_from);
  text("--where", f.where);
  text("--images-where", f.images_where);
  if (f.drop_empty) command += " --drop-empty";
  text("--sample", f.sample);
  if (f.seed != 0) command += " --seed " + std::to_string(f.seed);
  return command;
}

int run_transform(Terminal& t, TransformFlags f) {
  if (f.fields) return show_fields(t);
  if (!f.output.empty()) f.dst = f.output;
  if (f.writing.src.empty()) return t.fail({Code::usage, "say which dataset to transform"});
  if (f.dst.empty() && !f.writing.dry_run)
    return t.fail({Code::usage, "say where the dataset goes with -o DST, or --dry-run to see what would stay"});
  if (f.drop_empty && f.keep_empty)
    return t.fail({Code::usage, "--drop-empty and --keep-empty exclude each other; expected one of them"});
  TransformOptions options;
  options.rules = {.classes = {f.rename, f.merge, f.drop, f.keep, f.order},
                   .where = f.where,
                   .images_where = f.images_where,
                   .drop_empty = f.drop_empty,
                   .seed = f.seed};
  options.classes_from = f.classes_from;
  if (!f.sample.empty()) {
    const auto sample = parse_sample(f.sample);
    if (!sample) return t.fail(sample.error());
    options.rules.sample = *sample;
  }
  const OpenOptions how = opening(t, f.writing);
  options.common = how.common;
  auto source = open(f.writing.src, how);
  if (!source) return t.fail(source.error());
  const auto report = transform(*source, options);
  if (!report) return t.fail(report.error());
  if (f.writing.json && f.dst.empty()) {
    t.out(pretty_json(report->document) + "\n");
    return Exit::yes;
  }
  if (!f.writing.json) t.out(told(t, *report));
  return write_out(t, *source, f.dst, f.writing, command_of(f));
}

constexpr Example examples[] = {
    {"vetset transform cars -o big --where 'box.width >= 8 and not crowd'", "only objects that are large enough"},
    {"vetset transform cars -o night --images-where 'image.path like \"night/**\"'", "only some images"},
    {"vetset transform cars -o two --merge car,van=vehicle --drop-classes sign", "fewer classes"},
    {"vetset transform cars -o few --sample 10% --seed 7", "the same tenth on every machine"},
    {"vetset transform --fields", "what conditions can ask"},
};

}  // namespace

extern const Command transform_command;
const Command transform_command{
    .name = "transform",
    .summary = "keep some objects, images and classes; rename, merge and order classes; draw a sample",
    .about =
        "Applied in this order: --rename, --merge, --drop-classes or --keep-classes, --order, --classes-from; then\n"
        "--where, --images-where, --drop-empty, --sample. Conditions see classes by their new names.\n",
    .examples = examples,
    .first = false,
    .define = [](Arguments& a) -> std::function<int(Terminal&)> {
      auto f = std::make_shared<TransformFlags>();
      a.positional("SRC", f->writing.src, "a dataset's folder, an archive, or one annotation file", false)
          .positional("DST", f->dst, "the folder to make", false)
          .option("-o", f->output, "DST", "the folder to make")
          .option("--where", f->where, "EXPR", "objects that stay: box.width >= 8 and not crowd")
          .option("--images-where", f->images_where, "EXPR", "images that stay: count(class == \"car\") > 3")
          .list("--rename", f->rename, "OLD=NEW,...", "other names for classes")
          .list("--merge", f->merge, "A,B=C,...", "A and B become class C")
          .list("--drop-classes", f->drop, "NAMES", "these classes and their objects go")
          .list("--keep-classes", f->keep, "NAMES", "all other classes and their objects go")
          .list("--order", f->order, "NAMES|FILE", "these classes first; a file has a name a line")
          .option("--classes-from", f->classes_from, "FILE|DATASET",
                  "the classes of another list or dataset, in its order")
          .flag("--drop-empty", f->drop_empty, "images without objects go")
          .flag("--keep-empty", f->keep_empty, "images without objects stay, which they do anyway")
          .option("--sample", f->sample, "N|P%", "so many images, drawn by the hash of seed and path")
          .option("--seed", f->seed, "N", "another sample; 0 if not said")
          .flag("--fields", f->fields, "list what conditions can ask");
      define_writing(a, f->writing, "the format to write; that of SRC if not said");
      define_opening(a, f->writing);
      return [f](Terminal& t) { return run_transform(t, *f); };
    }};

}  // namespace vetset::cli

// vetset privacy: what a dataset tells of people and places beside its pictures and labels, and a copy without it.
#include "cli/command.h"
#include "vetset/base/json.h"
#include "vetset/base/shell.h"
#include "vetset/base/unicode.h"
#include "vetset/vetset.h"

namespace vetset::cli {
namespace {

struct PrivacyFlags {
  std::string src, dst, from, images_dir;
  unsigned threads = 0;
  bool no_images = false, all = false, overwrite = false, dry_run = false, json = false, no_values = false;
};

std::string_view heading_of(std::string_view kind) {
  if (kind == "place") return "where it was taken";
  if (kind == "person") return "names of people";
  if (kind == "thumbnail") return "small pictures inside the file";
  if (kind == "device") return "serial numbers of devices";
  if (kind == "address") return "e-mail addresses";
  if (kind == "user path") return "user names in paths";
  return "bytes that are not read here";
}

std::string privacy_json(const std::string& source, const PrivacyReport& report, const StripReport* stripped,
                         bool values) {
  std::string text;
  JsonWriter w(text);
  w.begin_object().key("vetset-privacy").value(1).key("source").value(source);
  w.key("images").value(report.images).key("looked_at").value(report.looked_at);
  w.key("kinds").begin_array();
  for (const PrivacyReport::Kind& kind : report.kinds)
    w.begin_object()
        .key("kind")
        .value(kind.kind)
        .key("count")
        .value(kind.count)
        .key("files")
        .value(kind.files)
        .end_object();
  w.end_array().key("things").begin_array();
  for (const PrivateThing& thing : report.things) {
    w.begin_object().key("kind").value(thing.kind);
    if (!thing.file.empty()) w.key("file").value(printable(thing.file));
    w.key("where").value(thing.where);
    if (values) w.key("value").value(thing.value);
    w.key("count").value(thing.count).key("removable").value(thing.removable).end_object();
  }
  w.end_array().key("not_looked_at").begin_array();
  for (const std::string& line : report.not_looked_at) w.value(line);
  w.end_array();
  if (stripped != nullptr) w.key("strip").raw(stripped->document);
  w.end_object();
  return pretty_json(text) + "\n";
}

std::string told(const Terminal& t, const PrivacyReport& report, const PrivacyFlags& f) {
  std::string out;
  const std::size_t most = f.all ? ~std::size_t{0} : 3;
  for (const PrivacyReport::Kind& kind : report.kinds) {
    out += "\n" + t.ink(Ink::bold, heading_of(kind.kind)) + ": " + with_commas(kind.count);
    if (kind.files > 0) out += ", in " + counted(kind.files, "file");
    out += "\n";
    std::size_t shown = 0, all = 0;
    for (const PrivateThing& thing : report.things) {
      if (thing.kind != kind.kind || ++all > most) continue;
      ++shown;
      std::string line = thing.file.empty() ? thing.where : printable(thing.file) + "  " + thing.where;
      if (!f.no_values) line += ": " + thing.value;
      if (thing.count > 1) line += " (" + with_commas(thing.count) + " times)";
      out += "  " + wrapped(line, 4, t.width());
    }
    if (shown < all) out += t.ink(Ink::dim, "  and " + with_commas(all - shown) + " more; --all shows them") + "\n";
  }
  return out;
}

int run_privacy(Terminal& t, const PrivacyFlags& f) {
  OpenOptions opening{.from = f.from, .images_dir = f.images_dir, .probe_images = false, .common = {}};
  opening.common.threads = f.threads;
  opening.common.progress = t.progress();
  const auto source = open(f.src, opening);
  if (!source) return t.fail(source.error());
  const auto report = privacy(*source, {.images = !f.no_images, .common = opening.common});
  if (!report) return t.fail(report.error());
  std::optional<StripReport> stripped;
  if (!f.dst.empty() || f.dry_run) {
    auto done =
        strip_metadata(*source, f.dst, {.overwrite = f.overwrite, .dry_run = f.dry_run, .common = opening.common});
    if (!done) return t.fail(done.error());
    stripped.emplace(*std::move(done));
  }
  if (f.json) {
    t.out(privacy_json(std::string(source->tree->name()), *report, stripped ? &*stripped : nullptr, !f.no_values));
    return report->things.empty() || stripped ? Exit::yes : Exit::no;
  }
  std::uint64_t removable = 0, count = 0;
  for (const PrivateThing& thing : report->things) {
    count += thing.count;
    removable += thing.removable ? thing.count : 0;
  }
  t.out(t.ink(Ink::bold, printable(source->tree->name())) + "  " + counted(report->looked_at, "image file") +
        " looked at, and the labels\n");
  t.out(told(t, *report, f));
  t.out("\n" + t.ink(Ink::dim, "not looked at: " + std::string()));
  for (std::size_t k = 0; k < report->not_looked_at.size(); ++k)
    t.out(t.ink(Ink::dim, (k == 0 ? "" : "; ") + printable(report->not_looked_at[k])));
  t.out("\n");
  if (stripped) {
    t.out((f.dry_run ? "would rewrite " : "rewrote ") + counted(stripped->files.size(), "image file") + ": " +
          byte_size(stripped->removed_bytes) + " of metadata gone, every coded pixel as it was\n");
    for (const std::string& line : stripped->left) t.out("left as it is: " + wrapped(printable(line), 2, t.width()));
    if (!f.dry_run) t.out("the proof: " + printable(f.dst) + ".strip.json\n");
    if (count > removable)
      t.out(counted(count - removable, "thing") + " of labels, texts and other files " +
            (count - removable == 1 ? "is" : "are") + " as before\n");
    return Exit::yes;
  }
  if (report->things.empty()) {
    t.out(t.ink(Ink::green, "nothing found") + "\n");
    return Exit::yes;
  }
  t.out(counted(count, "thing") + " found");
  if (removable > 0)
    t.out(", " + with_commas(removable) + " removable: vetset privacy " + shell_word(f.src) + " -o DST");
  t.out("\n");
  return Exit::no;
}

constexpr Example examples[] = {
    {"vetset privacy street", "what would be handed over with the pictures"},
    {"vetset privacy street --no-values", "the same, to be shown to others"},
    {"vetset privacy street -o bare", "a copy whose image files say nothing but their pixels"},
};

}  // namespace

extern const Command privacy_command;
const Command privacy_command{
    .name = "privacy",
    .summary = "say what a dataset tells of people and places beside its pictures; remove it",
    .about =
        "GPS positions, names, serial numbers, thumbnails and paths in image files (EXIF, XMP, IPTC, comments), in\n"
        "labels and in texts beside them. -o DST rewrites JPEG, PNG and WebP files: coded pixels, colour profile and\n"
        "orientation stay, to the byte. Exit status: 0 nothing found or removed, 1 something found, 2 could not "
        "look.\n",
    .examples = examples,
    .first = false,
    .define = [](Arguments& a) -> std::function<int(Terminal&)> {
      auto f = std::make_shared<PrivacyFlags>();
      a.positional("SRC", f->src, "a dataset's folder, an archive, or one annotation file")
          .option("-o", f->dst, "DST", "the folder to make, without what image files tell")
          .flag("--dry-run", f->dry_run, "say what -o would remove, write nothing")
          .flag("--overwrite", f->overwrite, "replace what is at DST")
          .flag("--no-values", f->no_values, "where it stands, and not what it says")
          .flag("--all", f->all, "every place")
          .flag("--no-images", f->no_images, "look at labels and texts alone")
          .option("--images-dir", f->images_dir, "DIR", "where to look for images first")
          .option("--from", f->from, "FORMAT", "the format of SRC; found by itself if not said")
          .option("--threads", f->threads, "N", "threads; as many as the machine has if not said")
          .flag("--json", f->json, "print JSON");
      return [f](Terminal& t) { return run_privacy(t, *f); };
    }};

}  // namespace vetset::cli

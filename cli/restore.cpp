// vetset restore: put a sealed folder back as it was sealed.
#include "cli/command.h"
#include "vetset/base/json.h"
#include "vetset/base/unicode.h"
#include "vetset/vetset.h"

namespace vetset::cli {
namespace {

constexpr std::size_t told_at_most = 40;  // lines of a kind; --json has all

struct RestoreFlags {
  std::string dir;
  std::vector<std::string> from;
  unsigned threads = 0;
  bool dry_run = false, clean = false, json = false;
};

std::string restore_json(const RestoreReport& r, const RestoreFlags& f) {
  std::string out;
  JsonWriter w(out);
  w.begin_object().key("whole").value(r.whole).key("dry_run").value(f.dry_run);
  w.key("name").value(r.name).key("version").value(r.version).key("package_id").value(r.package_id);
  w.key("files").value(r.files).key("as_sealed").value(r.as_sealed).key("put_back").value(r.put_back);
  w.key("changed").begin_array();
  for (const RestoredFile& file : r.changed) {
    w.begin_object().key("path").value(file.path).key("what").value(file.what).key("sha256").value(file.sha256);
    w.key("source").value(file.source).key("trouble").value(file.trouble).end_object();
  }
  w.end_array().key("extra").begin_array();
  for (const std::string& path : r.extra) w.value(path);
  w.end_array().key("litter").begin_array();
  for (const auto& [path, maker] : r.litter)
    w.begin_object()
        .key("path")
        .value(path)
        .key("maker")
        .value(maker)
        .key("removed")
        .value(f.clean && !f.dry_run)
        .end_object();
  w.end_array().end_object();
  return pretty_json(out) + '\n';
}

/// Tells a few lines of a kind, and how many more there are.
class Lines {
 public:
  Lines(Terminal& t, Ink ink, std::string_view word) : t_(t), ink_(ink), word_(word) {}
  ~Lines() {
    if (count_ > told_at_most)
      t_.out("  " + t_.ink(ink_, padded(word_, 10)) + " … and " + with_commas(count_ - told_at_most) +
             " more (--json lists all)\n");
  }
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;
  void tell(std::string_view path, std::string_view words) {
    if (++count_ <= told_at_most)
      t_.out("  " + t_.ink(ink_, padded(word_, 10)) + " " + printable(path) + " — " + printable(words) + "\n");
  }

 private:
  Terminal& t_;
  Ink ink_;
  std::string_view word_;
  std::size_t count_ = 0;
};

int run_restore(Terminal& t, const RestoreFlags& f) {
  RestoreOptions options{.from = f.from, .dry_run = f.dry_run, .clean = f.clean, .common = {}};
  options.common.threads = f.threads;
  options.common.progress = t.progress();
  const auto done = restore(f.dir, options);
  if (!done) return t.fail(done.error());
  const RestoreReport& r = *done;
  if (f.json) {
    t.out(restore_json(r, f));
    return r.whole ? Exit::yes : Exit::no;
  }
  {
    Lines good(t, Ink::green, f.dry_run ? "would put" : "put back");
    for (const RestoredFile& file : r.changed)
      if (file.trouble.empty())
        good.tell(file.path, "was " + std::string(file.what == "no file" ? "no longer a file" : file.what) + "; from " +
                                 file.source);
  }
  {
    Lines bad(t, Ink::red, "not back");
    for (const RestoredFile& file : r.changed)
      if (!file.trouble.empty()) bad.tell(file.path, "sha256 " + file.sha256.substr(0, 16) + "…: " + file.trouble);
  }
  {
    Lines extra(t, Ink::red, "extra");
    for (const std::string& path : r.extra) extra.tell(path, "is not part of what was sealed; left alone");
  }
  {
    const bool gone = f.clean && !f.dry_run;
    Lines litter(t, Ink::yellow, gone ? "removed" : "litter");
    for (const auto& [path, maker] : r.litter)
      litter.tell(path, maker + (gone      ? " had left it"
                                 : f.clean ? " left it; would be removed"
                                           : " left it; --clean removes it"));
  }
  const std::string left = with_commas(r.changed.size() - r.put_back);
  std::string last = r.whole ? t.ink(Ink::green, f.dry_run ? "can be whole" : "whole") : t.ink(Ink::red, "not whole");
  last += "  " + printable(f.dir) + "  " + counted(r.files, "file") + ": " + with_commas(r.as_sealed) + " as sealed, " +
          with_commas(r.put_back) + (f.dry_run ? " can be put back" : " put back");
  if (r.changed.size() != r.put_back) last += ", " + left + (f.dry_run ? " cannot" : " not");
  if (!r.extra.empty()) last += ", " + with_commas(r.extra.size()) + " extra";
  t.out(last + "\n");
  return r.whole ? Exit::yes : Exit::no;
}

constexpr Example examples[] = {
    {"vetset restore street", "label files from the seal's own tables"},
    {"vetset restore street --from street.pkg", "images too, from a package, a copy or an archive of it"},
    {"vetset restore street --from street.pkg --dry-run", "what would be put back, and from where"},
};

}  // namespace

extern const Command restore_command;
const Command restore_command{
    .name = "restore",
    .summary = "put a sealed folder back as it was sealed",
    .about =
        "Files that changed or are missing are put back by their digests, one by one, each whole or not at all.\n"
        "What the seal does not list is left alone. Exit status: 0 all is as sealed, 1 something is not.\n",
    .examples = examples,
    .first = false,
    .define = [](Arguments& a) -> std::function<int(Terminal&)> {
      auto f = std::make_shared<RestoreFlags>();
      a.positional("DIR", f->dir, "a sealed folder")
          .list("--from", f->from, "SRC,...", "packages, archives and copies that files may be taken from")
          .flag("--dry-run", f->dry_run, "only say what would be done")
          .flag("--clean", f->clean, "remove what known tools left behind (caches, runs/)")
          .option("--threads", f->threads, "N", "threads; as many as the machine has if not said")
          .flag("--json", f->json, "print JSON");
      return [f](Terminal& t) { return run_restore(t, *f); };
    }};

}  // namespace vetset::cli

// vetset identity: what a dataset says, as two digests, and the rows they are made of.
#include "cli/command.h"
#include "vetset/base/json.h"
#include "vetset/vetset.h"

namespace vetset::cli {
namespace {

struct IdentityFlags {
  std::string src, from, images_dir;
  unsigned threads = 0;
  bool rows = false, json = false;
};

int run_identity(Terminal& t, const IdentityFlags& f) {
  OpenOptions opening{.from = f.from, .images_dir = f.images_dir, .probe_images = false, .common = {}};
  opening.common.threads = f.threads;
  opening.common.progress = t.progress();
  const auto source = open(f.src, opening);
  if (!source) return t.fail(source.error());
  std::string lines;
  const auto print_row = [&](std::string_view table, std::string_view row) {
    lines.append(table).append("\t").append(row).append("\n");
    if (lines.size() > (1 << 20)) {
      t.out(lines);
      lines.clear();
    }
  };
  const auto ids = f.rows ? identities(*source, opening.common, print_row) : identities(*source, opening.common);
  if (!ids) return t.fail(ids.error());
  if (f.rows) {
    t.out(lines);
    return Exit::yes;
  }
  if (f.json) {
    std::string out;
    JsonWriter w(out);
    w.begin_object().key("labels_id").value(ids->labels_id).key("dataset_id");
    if (ids->dataset_id.empty())
      w.null();
    else
      w.value(ids->dataset_id);
    w.key("media").value(ids->media).key("media_missing").value(ids->media_missing);
    w.key("labels").raw(ids->labels_document).key("dataset");
    if (ids->dataset_document.empty())
      w.null();
    else
      w.raw(ids->dataset_document);
    w.end_object();
    t.out(pretty_json(out) + '\n');
    return Exit::yes;
  }
  t.out("labels_id   " + ids->labels_id + "\n");
  if (ids->dataset_id.empty())
    t.out("dataset_id  none: " + counted(ids->media_missing, "image") + " of " +
          with_commas(ids->media + ids->media_missing) + " not found\n");
  else
    t.out("dataset_id  " + ids->dataset_id + "\n");
  return Exit::yes;
}

}  // namespace

extern const Command identity_command;
const Command identity_command{
    .name = "identity",
    .summary = "the digests of what a dataset says, and the rows they are made of",
    .about = "docs/identity.md tells how to recompute them without vetset.\n",
    .examples = {},
    .first = false,
    .define = [](Arguments& a) -> std::function<int(Terminal&)> {
      auto f = std::make_shared<IdentityFlags>();
      a.positional("SRC", f->src, "a dataset's folder, an archive, or one annotation file")
          .option("--from", f->from, "FORMAT", "the format of SRC; found by itself if not said")
          .option("--images-dir", f->images_dir, "DIR", "where to look for images first")
          .option("--threads", f->threads, "N", "threads; as many as the machine has if not said")
          .flag("--rows", f->rows, "print every canonical row as TABLE<tab>JSON")
          .flag("--json", f->json, "print JSON");
      return [f](Terminal& t) { return run_identity(t, *f); };
    }};

}  // namespace vetset::cli

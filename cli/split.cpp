// vetset split: train, val and test without leaks, stratified, the same every time; and the lock that lets it grow.
#include <map>

#include "cli/sheet.h"
#include "cli/split_told.h"
#include "cli/writing.h"
#include "vetset/base/json.h"
#include "vetset/base/tree.h"
#include "vetset/base/unicode.h"
#include "vetset/check/leaks.h"
#include "vetset/scan/links_by_embedding.h"
#include "vetset/scan/scan.h"

namespace vetset::cli {
namespace {

struct SplitFlags {
  std::string dst, output, ratios, lock, pins, near, sheet, embeddings, embeddings_paths, contract;
  std::vector<std::string> names, group_by, stratify;
  int seed = -1, folds = 0, fold = -1, radius = -1, margin = 0;
  bool no_stratify = false, check = false, no_cache = false;
  WritingFlags writing;
};

std::string command_of(const SplitFlags& f) {
  std::string command = "vetset split " + shell_word(f.writing.src);
  if (!f.dst.empty()) command += " -o " + shell_word(f.dst);
  if (!f.ratios.empty()) command += " --ratios " + shell_word(f.ratios);
  const auto list = [&](std::string_view flag, const std::vector<std::string>& words) {
    for (std::size_t i = 0; i < words.size(); ++i)
      command += (i == 0 ? " " + std::string(flag) + " " : ",") + shell_word(words[i]);
  };
  list("--names", f.names);
  list("--group-by", f.group_by);
  if (f.seed >= 0) command += " --seed " + std::to_string(f.seed);
  if (f.folds > 0) command += " --folds " + std::to_string(f.folds);
  if (f.fold >= 0) command += " --fold-index " + std::to_string(f.fold);
  list("--stratify", f.stratify);
  if (f.no_stratify) command += " --no-stratify";
  if (!f.contract.empty()) command += " --contract " + shell_word(f.contract);
  if (!f.pins.empty()) command += " --pin " + shell_word(f.pins);
  if (!f.near.empty()) command += " --near " + f.near;
  if (f.radius >= 0) command += " --radius " + std::to_string(f.radius);
  if (!f.lock.empty()) command += " --lock " + shell_word(f.lock);
  return command;
}

std::optional<unsigned> radius_of(const SplitFlags& f) {
  return f.radius < 0 ? std::nullopt : std::optional(static_cast<unsigned>(f.radius));
}

SplitOptions splitting(const SplitFlags& f, const Common& common) {
  SplitOptions options{.ratios = f.ratios, .names = f.names, .group_by = f.group_by};
  if (f.seed >= 0) options.seed = static_cast<std::uint32_t>(f.seed);
  if (!f.stratify.empty()) options.stratify = f.stratify;
  if (f.no_stratify) options.stratify = std::vector<std::string>();
  options.contract = f.contract;
  options.pins = f.pins;
  options.near = near_tier(f.near);
  options.radius = radius_of(f);
  options.scan.cache = !f.no_cache;
  options.folds = static_cast<std::uint32_t>(std::max(f.folds, 0));
  options.fold = f.fold;
  options.lock = f.lock;
  options.common = common;
  return options;
}

/// Lets images of `source` be linked from a fold that is written already, so that five folds hold one copy of them and
/// none of the source's. Says whether all were found there.
Result<bool> borrow_images(Source& source, std::span<const Facts> facts, const std::string& fold,
                           const OpenOptions& opened, const std::string& format) {
  VETSET_TRY(Source written, open(fold, {.from = format, .probe_images = false, .common = opened.common}));
  VETSET_TRY(const std::vector<Facts> there,
             scan(written.dataset, written.media(), Pool(opened.common.threads), opened.common.progress,
                  {.digests = Digests::all, .headers = false, .tail = false}));
  std::map<Digest, std::string> places;
  for (std::size_t i = 0; i < there.size(); ++i)
    if (there[i].has_digest) places.emplace(there[i].digest, written.dataset.text(written.dataset.images[i].media));
  std::vector<const std::string*> found(facts.size());
  for (std::size_t i = 0; i < facts.size(); ++i) {
    if (!facts[i].has_digest) continue;
    const auto place = places.find(facts[i].digest);
    if (place == places.end()) return false;
    found[i] = &place->second;
  }
  for (std::size_t i = 0; i < facts.size(); ++i)
    source.dataset.images[i].media = found[i] == nullptr ? Text() : source.dataset.add_text(*found[i]);
  VETSET_TRY(source.images, open_folder(fold, {.limits = opened.common.limits}));
  return true;
}

/// Every fold as a dataset of its own, `DST/fold-K` with train and val.
int write_folds(Terminal& t, Source& source, const SplitFlags& f, SplitOptions options, const OpenOptions& opened) {
  const Dataset whole = source.dataset;
  std::unique_ptr<Tree> images = std::move(source.images);
  std::vector<Facts> facts;
  std::optional<Links> links;
  WritingFlags writing = f.writing;
  for (int k = 0; k < f.folds; ++k) {
    options.fold = k;
    options.facts = facts;
    options.links = links ? &*links : nullptr;
    source.dataset = whole;
    source.steps.clear();
    const std::string target = f.dst + "/fold-" + std::to_string(k);
    if (k == 0) source.images = std::move(images);
    if (k == 1 && f.writing.images == "copy" && !f.writing.dry_run) {
      const auto borrowed = borrow_images(source, facts, f.dst + "/fold-0", opened, converting(t, source, writing).to);
      if (!borrowed) return t.fail(borrowed.error());
      if (*borrowed) writing.images = "hardlink";
    }
    if (k > 1 && writing.images != f.writing.images) {
      const auto borrowed = borrow_images(source, facts, f.dst + "/fold-0", opened, converting(t, source, writing).to);
      if (!borrowed) return t.fail(borrowed.error());
    }
    const auto report = split(source, options);
    if (!report) return t.fail(report.error());
    if (k == 0) {
      facts = report->facts;
      links = report->links;
      SplitReport all = *report;
      all.fold = -1;
      if (f.writing.json)
        t.out(pretty_json(statement_of(all, "vetset " + std::string(version()))) + "\n");
      else
        t.out(told(t, all) + "\n");
    }
    int status = Exit::yes;
    if (k == 0 && !f.writing.json) {
      status = write_out(t, source, target, writing, command_of(f));
    } else {
      const auto done = convert(source, target, converting(t, source, writing));
      if (!done) return t.fail(done.error());
      const bool written = done->verdict == Verdict::exact || done->verdict == Verdict::declared;
      status = written ? Exit::yes : done->verdict == Verdict::undeclared ? Exit::our_defect : Exit::no;
      if (!f.writing.json && !f.writing.dry_run)
        t.out(t.ink(Ink::green, name(done->verdict) == "exact" ? "exact" : "proved") + "  " + printable(done->target) +
              "  " + counted(done->files, "file") + "; " + printable(done->proof_path) + "\n");
    }
    if (status != Exit::yes) return status;
    if (f.writing.dry_run) continue;
    if (k + 1 < f.folds) continue;
    const auto locks = write_lock(*report, f.dst, false);
    if (!locks) return t.fail(locks.error());
    if (!f.writing.json) t.out("lock: " + printable(locks->front()) + "\n");
  }
  return Exit::yes;
}

int run_check(Terminal& t, const SplitFlags& f) {
  if (!f.dst.empty()) return t.fail({Code::usage, "--check looks and writes nothing: leave the folder to make out"});
  const OpenOptions opened = opening(t, f.writing);
  const auto source = open(f.writing.src, opened);
  if (!source) return t.fail(source.error());
  const auto check = check_split(*source, {.lock = f.lock,
                                           .group_by = f.group_by,
                                           .near = near_tier(f.near),
                                           .radius = radius_of(f),
                                           .margin = static_cast<unsigned>(std::max(f.margin, 0)),
                                           .scan = {.cache = !f.no_cache},
                                           .common = opened.common});
  if (!check) return t.fail(check.error());
  if (!f.sheet.empty()) {
    const auto drawn = draw_sheet(t, *source, check->links, f.sheet, {.leaks_only = true}, opened.common);
    if (!drawn) return t.fail(drawn.error());
  }
  if (f.writing.json)
    t.out(pretty_json(to_json(*check, source->dataset, "vetset " + std::string(version()))) + "\n");
  else
    t.out(told(t, *check, *source));
  return check->holds() ? Exit::yes : Exit::no;
}

/// How near the new splits are in an embedding: a hint, counted and heeded by nobody. Of the result, whose images are
/// those of the report where none went to quarantine.
Result<std::vector<std::string>> alike(const Source& source, const SplitReport& report, const SplitFlags& f,
                                       const Common& common) {
  VETSET_TRY(const Embeddings rows, read_embeddings(source, f.embeddings, f.embeddings_paths));
  const bool same = report.links && report.of.size() == source.dataset.images.size();
  VETSET_TRY(const Links hints, links_by_embedding(source.dataset, rows, same ? *report.links : Links(),
                                                   Pool(common.threads), common.progress));
  std::vector<std::string> lines = hints.notes;
  if (hints.embedding->between_splits && hints.embedding->searched > 0 &&
      hints.embedding->null >= EmbeddingSearch::fewest)
    lines.push_back("embeddings: " + share_of(*hints.embedding) + "; a hint, which joined no groups");
  return lines;
}

int run_split(Terminal& t, SplitFlags f) {
  if (!f.output.empty()) f.dst = f.output;
  if (f.radius > 128) return t.fail({Code::usage, "--radius takes bits of 256 that may differ, 128 at most"});
  if (f.margin != 0 && !f.check) return t.fail({Code::usage, "--margin is of --check, which is not there"});
  if (!f.sheet.empty() && !f.check) return t.fail({Code::usage, "--sheet is of --check, which is not there"});
  if (!f.embeddings.empty() && (f.check || f.folds > 1))
    return t.fail({Code::usage, "--embeddings says how near new splits are; check has it for splits that are there"});
  if (const auto drawn = check_sheet(f.sheet); !drawn) return t.fail(drawn.error());
  if (f.check) return run_check(t, f);
  const OpenOptions options = opening(t, f.writing);
  auto source = open(f.writing.src, options);
  if (!source) return t.fail(source.error());
  if (f.folds > 1 && f.fold < 0 && !f.dst.empty())
    return write_folds(t, *source, f, splitting(f, options.common), options);
  ConvertOptions writing = converting(t, *source, f.writing);
  if (!f.dst.empty())
    if (const auto taken = check_target(*source, f.dst, writing); !taken) return t.fail(taken.error());
  const auto report = split(*source, splitting(f, options.common));
  if (!report) return t.fail(report.error());
  if (!f.embeddings.empty()) {
    const auto hint = alike(*source, *report, f, options.common);
    if (!hint) return t.fail(hint.error());
    for (const std::string& line : *hint) t.say(line);
  }
  if (f.dst.empty()) {
    if (f.writing.json)
      t.out(pretty_json(source->steps.back().document) + "\n");
    else
      t.out(told(t, *report) + "\n" + t.ink(Ink::green, "nothing was written") + "; -o DST writes it\n");
    return Exit::yes;
  }
  if (!f.writing.json) t.out(told(t, *report) + "\n");
  const std::string lock = to_json(report->lock);
  writing.complete = [&](const Tree&, const Proof&, TreeWriter& out) { return out.write("split.lock", lock + "\n"); };
  writing.beside = {{"split.lock", lock}};
  return write_out(t, *source, f.dst, f.writing, command_of(f), writing);
}

constexpr Example examples[] = {
    {"vetset split data", "how it would be split, nothing written"},
    {"vetset split data -o out --ratios 80/10/10 --seed 7", "train, val and test, without leaks"},
    {"vetset split data -o out --group-by attribute:video", "images of one video stay together"},
    {"vetset split data -o out --lock old.split.lock", "what was placed stays, what is new is added"},
    {"vetset split data --check --sheet leaks.html", "the leaks as pictures, training left"},
    {"vetset split data --check", "whether the splits that it has leak, and whether its lock holds"},
    {"vetset split data -o out --folds 5", "out/fold-0 … out/fold-4, a train and a val each"},
};

}  // namespace

extern const Command split_command;
const Command split_command{
    .name = "split",
    .summary = "split into train, val and test without leaks, stratified",
    .about =
        "Copies, near-duplicates, sequences and images of one key stay together; every split gets its share of every "
        "class.\n"
        "The same data and seed give the same splits everywhere; a split.lock keeps them while data grow.\n",
    .examples = examples,
    .first = true,
    .define = [](Arguments& a) -> std::function<int(Terminal&)> {
      auto f = std::make_shared<SplitFlags>();
      a.positional("SRC", f->writing.src, "a dataset's folder, an archive, or one annotation file")
          .positional("DST", f->dst, "the folder to make; without it the split is only shown", false)
          .option("-o,--output", f->output, "DST", "the folder to make")
          .option("--ratios", f->ratios, "A/B/C", "the shares of the splits; 80/10/10 if not said")
          .list("--names", f->names, "A,B,...", "their names; train,val,test if not said")
          .option("--seed", f->seed, "N", "another one gives another split; 0 if not said")
          .list("--group-by", f->group_by, "KEY,...",
                "what else keeps images together: folder, stem-prefix, stem-prefix:SEP, stem-prefix:'(*)_cam?_#', "
                "attribute:NAME, file:CSV")
          .list("--stratify", f->stratify, "KEY,...",
                "what every split gets its share of: class, keys as in --group-by, and factors such as pixel.luma_p50; "
                "class if not said")
          .option("--contract", f->contract, "FILE",
                  "its factors by name for --stratify; what its split says of stratify and group_by, if not said here")
          .flag("--no-stratify", f->no_stratify, "look at the sizes of the splits only, not at classes")
          .option("--folds", f->folds, "K", "K folds of one size in place of ratios: DST/fold-0, DST/fold-1 ...")
          .option("--fold-index", f->fold, "I", "of the folds only this one, in DST itself")
          .option("--pin", f->pins, "CSV", "a table of paths and splits: images that are to be there")
          .option("--lock", f->lock, "FILE", "an earlier split.lock: images that it knows stay where they were")
          .option(
              "--near", f->near, "TIER",
              "how near-duplicates are searched: none (bytes and keys alone), basic, views, full; views if not said",
              {"none", "basic", "views", "full"})
          .option("--radius", f->radius, "D", "bits of 256 that may differ; calibrated on the data if not said")
          .option("--embeddings", f->embeddings, "FILE",
                  "a row of numbers an image (.npy, .parquet): tells how near the splits are in it; joins nothing")
          .option("--embeddings-paths", f->embeddings_paths, "FILE", "whose each row is, as check takes it")
          .flag("--check", f->check, "make no split: look whether the splits that SRC has leak")
          .option("--margin", f->margin, "D", "with --check: list pairs so many bits beyond the radius, too")
          .flag("--no-cache", f->no_cache, "measure all images again");
      define_sheet(a, f->sheet);
      define_writing(a, f->writing, "the format to write; that of SRC if not said");
      define_opening(a, f->writing);
      return [f](Terminal& t) { return run_split(t, *f); };
    }};

}  // namespace vetset::cli

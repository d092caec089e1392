// vetset split: train, val and test without leaks, stratified, the same every time; and the lock that lets it grow.
#include <cstdio>
#include <map>

#include "cli/writing.h"
#include "vetset/base/json.h"
#include "vetset/base/tree.h"
#include "vetset/base/unicode.h"
#include "vetset/scan/scan.h"

namespace vetset::cli {
namespace {

struct SplitFlags {
  std::string dst, output, ratios, lock;
  std::vector<std::string> names, group_by;
  int seed = -1, folds = 0, fold = -1;
  bool no_stratify = false;
  WritingFlags writing;
};

std::string percent(double part) {
  char shown[32];
  std::snprintf(shown, sizeof shown, part < 0.0995 ? "%.1f %%" : "%.0f %%", part * 100);
  return shown;
}

std::string right(const std::string& text, std::size_t width) {
  return std::string(width > text.size() ? width - text.size() : 0, ' ') + text;
}

/// Columns of a table, each as wide as its widest cell; the first is for names, the others for numbers.
std::string table(const Terminal& t, const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths(rows[0].size());
  for (const auto& row : rows)
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], display_width(row[c]));
  std::string out;
  for (const auto& row : rows) {
    std::string line = "  " + padded(row[0], widths[0]);
    for (std::size_t c = 1; c < row.size(); ++c) line += "  " + right(row[c], widths[c]);
    while (line.ends_with(' ')) line.pop_back();
    out += (&row == &rows[0] ? t.ink(Ink::dim, line) : line) + "\n";
  }
  return out;
}

std::string class_name(const SplitReport& r, std::uint32_t label) {
  if (label == SplitReport::nowhere) return {};
  return r.classes[label].empty() ? "(no objects)" : printable(r.classes[label]);
}

std::string parts_told(const Terminal& t, const SplitReport& r) {
  std::vector<std::vector<std::string>> rows = {{"", "images", "share", "groups", "objects", "mean off", "most off"}};
  std::uint64_t images = 0;
  for (const SplitReport::Part& part : r.parts) images += part.images;
  for (std::size_t s = 0; s < r.parts.size(); ++s) {
    const SplitReport::Part& part = r.parts[s];
    rows.push_back({printable(r.settings.names[s]), with_commas(part.images),
                    percent(images == 0 ? 0 : static_cast<double>(part.images) / static_cast<double>(images)),
                    with_commas(part.groups), with_commas(part.objects), percent(part.mean_deviation),
                    percent(part.worst_deviation)});
    if (part.worst_deviation > 0) rows.back().back() += " " + class_name(r, part.worst_class);
  }
  std::size_t widest = 0;  // the last column ends in words: those begin at one place
  for (const auto& row : rows) widest = std::max(widest, display_width(row.back()));
  for (auto& row : rows) row.back() = padded(row.back(), widest);
  return table(t, rows);
}

/// Classes that no assignment could have spread better, and by how much they must be off.
std::string limits_told(const Terminal& t, const SplitReport& r) {
  constexpr double worth_telling = 0.25;
  constexpr std::size_t most = 6;
  std::string list;
  std::size_t count = 0;
  for (std::uint32_t l = 0; l < r.balances.size(); ++l) {
    const LabelBalance& b = r.balances[l];
    if (b.total == 0 || b.bound < worth_telling) continue;
    if (count++ >= most) continue;
    list += (list.empty() ? "" : " · ") + class_name(r, l) + " (" + with_commas(static_cast<std::uint64_t>(b.total)) +
            " in " + counted(b.groups, "group") + ", at best " + percent(b.bound) + " off)";
  }
  if (count == 0) return {};
  if (count > most) list += " · and " + std::to_string(count - most) + " more";
  return "  " + t.ink(Ink::yellow, "cannot be even") + "  " + wrapped(list, 18, t.width());
}

std::string groups_told(const Terminal& t, const SplitReport& r) {
  std::string text;
  const auto row = [&](Ink ink, std::string_view label, const std::string& what) {
    text += "  " + t.ink(ink, padded(label, 14)) + "  " + wrapped(what, 18, t.width());
  };
  std::string together = r.without_file == r.images ? "no image has its file here, so copies are not known"
                         : r.identical_images == 0  ? "no two images are the same file"
                                                    : counted(r.identical_images, "image") + " have identical copies";
  for (const SplitReport::KeyUse& k : r.keys) {
    together +=
        " · " + printable(k.key) + ": " + counted(k.values, "key", "keys") + " for " + counted(k.images, "image");
    if (k.without > 0) together += ", " + with_commas(k.without) + " without";
    if (k.unused_rows > 0) together += ", " + counted(k.unused_rows, "row") + " that name no image";
  }
  row(Ink::green, "kept together", together);
  if (r.largest.images > 1) {
    std::string how = counted(r.largest.images, "image") + ", " +
                      percent(static_cast<double>(r.largest.images) / static_cast<double>(r.images)) +
                      " of all, e.g. " + printable(r.largest.example);
    for (std::size_t k = 0; k < r.largest.linked_by.size(); ++k)
      how += (k == 0 ? " (" : ", ") + printable(r.largest.linked_by[k]);
    row(Ink::plain, "largest group", how + (r.largest.linked_by.empty() ? "" : ")"));
  }
  if (r.without_file > 0)
    row(Ink::yellow, "not looked at",
        counted(r.without_file, "image") + " without a file: only their keys and names are known");
  if (r.locked) {
    std::string grown = counted(r.kept, "image") + " stayed, " + with_commas(r.placed) + " new";
    if (r.absent > 0) grown += ", " + with_commas(r.absent) + " of the lock are not here";
    row(Ink::green, "from the lock", grown);
  }
  std::size_t shown = 0;
  for (const SplitReport::Quarantined& q : r.quarantined) {
    if (shown++ == 5) {
      row(Ink::yellow, "", "and " + std::to_string(r.quarantined.size() - 5) + " more; all are in the statement");
      break;
    }
    row(Ink::yellow, shown == 1 ? "quarantined" : "",
        printable(q.path) + ": was in " + r.settings.names[q.from] + ", belongs to images in " +
            r.settings.names[q.against] + " (LEA318)");
  }
  for (const std::string& note : r.notes) row(Ink::yellow, "left behind", note);
  return text;
}

std::string told(const Terminal& t, const SplitReport& r) {
  return t.ink(Ink::bold, "split " + printable(summary_of(r))) + "  " + counted(r.images, "image") + " in " +
         counted(r.groups, "group") + "\n\n" + parts_told(t, r) + "\n" + groups_told(t, r) + limits_told(t, r) +
         t.ink(Ink::dim, "  only bytes and keys were compared: images that look alike may still be in two splits") +
         "\n";
}

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
  if (f.no_stratify) command += " --no-stratify";
  if (!f.lock.empty()) command += " --lock " + shell_word(f.lock);
  return command;
}

SplitOptions splitting(const SplitFlags& f, const Common& common) {
  SplitOptions options{.ratios = f.ratios, .names = f.names, .group_by = f.group_by};
  if (f.seed >= 0) options.seed = static_cast<std::uint32_t>(f.seed);
  if (f.no_stratify) options.stratify = std::vector<std::string>();
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
  std::vector<std::string> lines;
  WritingFlags writing = f.writing;
  for (int k = 0; k < f.folds; ++k) {
    options.fold = k;
    options.facts = facts;
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

int run_split(Terminal& t, SplitFlags f) {
  if (!f.output.empty()) f.dst = f.output;
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
  if (f.dst.empty()) {
    if (f.writing.json)
      t.out(pretty_json(source->steps.back().document) + "\n");
    else
      t.out(told(t, *report) + "\n" + t.ink(Ink::green, "nothing was written") + "; -o DST writes it\n");
    return Exit::yes;
  }
  if (!f.writing.json) t.out(told(t, *report) + "\n");
  const std::string lock = to_json(report->lock);
  writing.complete = [&](const Tree&, TreeWriter& out) { return out.write("split.lock", lock + "\n"); };
  writing.beside = {{"split.lock", lock}};
  return write_out(t, *source, f.dst, f.writing, command_of(f), writing);
}

constexpr Example examples[] = {
    {"vetset split data", "how it would be split, nothing written"},
    {"vetset split data -o out --ratios 80/10/10 --seed 7", "train, val and test, without leaks"},
    {"vetset split data -o out --group-by attribute:video", "images of one video stay together"},
    {"vetset split data -o out --lock old.split.lock", "what was placed stays, what is new is added"},
    {"vetset split data -o out --folds 5", "out/fold-0 … out/fold-4, a train and a val each"},
};

}  // namespace

extern const Command split_command;
const Command split_command{
    .name = "split",
    .summary = "split into train, val and test without leaks, stratified",
    .about =
        "Identical files and images of one key stay together; every split gets its share of every class.\n"
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
          .flag("--no-stratify", f->no_stratify, "look at the sizes of the splits only, not at classes")
          .option("--folds", f->folds, "K", "K folds of one size in place of ratios: DST/fold-0, DST/fold-1 ...")
          .option("--fold-index", f->fold, "I", "of the folds only this one, in DST itself")
          .option("--lock", f->lock, "FILE", "an earlier split.lock: images that it knows stay where they were");
      define_writing(a, f->writing, "the format to write; that of SRC if not said");
      define_opening(a, f->writing);
      return [f](Terminal& t) { return run_split(t, *f); };
    }};

}  // namespace vetset::cli

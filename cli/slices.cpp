// vetset slices: where a model's errors gather, and where labels and splits are uneven.
#include <algorithm>
#include <cmath>

#include "cli/predicted.h"
#include "vetset/base/json.h"
#include "vetset/base/number.h"
#include "vetset/base/unicode.h"
#include "vetset/check/report/columns.h"
#include "vetset/check/words.h"
#include "vetset/vetset_slices.h"

namespace vetset::cli {
namespace {

struct SlicesFlags {
  std::string src, from, images_dir, near;
  std::vector<std::string> by;
  unsigned depth = 0, top = 10, least = 0, threads = 0;
  bool json = false, no_pixels = false, no_cache = false;
  PredictedFlags predicted;
};

std::string percent(double share) {
  std::string text;
  append_fixed(text, 100 * share, 1);
  return text + " %";
}
std::string percent(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? "-" : percent(static_cast<double>(part) / static_cast<double>(whole));
}

/// A chance to three decimals, with "=" or "<" before it.
std::string rate(double value) { return value < 0.001 ? "<0.001" : measure(std::round(value * 1000) / 1000); }

class SlicesText {
 public:
  SlicesText(const Terminal& t, const SlicesReport& report) : t_(t), report_(report) {}

  std::string text() const {
    if (report_.errors) return errors(*report_.errors);
    const LabelSlices& found = *report_.labels;
    std::string out;
    for (const UnevenItems& of : found.of) out += labels(of);
    for (const UnevenItems& of : found.of) out += drift(of);
    return out + thin(found) + legend(found);
  }

 private:
  std::string heading(std::string_view title, std::string_view what) const {
    return "\n" + t_.ink(Ink::bold, title) + "  " + std::string(what) + "\n";
  }
  std::string columns(std::string_view text) const { return t_.ink(Ink::dim, text) + "\n"; }
  std::string note(std::string_view text) const { return t_.ink(Ink::dim, "  " + wrapped(text, 2, t_.width())); }
  static std::string name(const std::vector<FactorLevel>& levels, std::span<const Factor> factors) {
    return printable(slice_name(levels, factors));
  }
  std::string more(std::uint64_t held, std::size_t told) const {
    if (held <= told) return {};
    return note(with_commas(held - told) + " more that hold: they say the same of parts of these, or are beyond --top");
  }

  std::string errors(const WeakSlices& weak) const {
    const Slices& s = weak.slices;
    const std::string word = weak.errors.of_objects ? "objects" : "images";
    std::string out = heading("ERRORS", (weak.errors.of_objects ? "an object " : "an image ") + weak.errors.what +
                                            ": " + percent(s.error) + " of " + with_commas(s.items));
    if (weak.of_all > s.items) out += note("a sample of whole groups, of " + with_commas(weak.of_all) + " " + word);
    if (s.best.empty()) {
      out += note("no slice of " + with_commas(s.least) + " " + word + " or more is worse than all of them (" +
                  with_commas(s.looked_at) + " looked at)");
      return out;
    }
    out += columns(to_right("score", 9) + to_right("error", 10) + to_right(word, 10) +
                   to_right(std::string(weak.unit) + "s", 9) + to_right("chance", 9) + "  where");
    for (const Slice& slice : s.best) {
      const bool holds = slice.chance <= 0.05;
      std::string line = to_right(measure(slice.score), 9) + to_right(percent(slice.error), 10) +
                         to_right(with_commas(slice.items), 10) + to_right(with_commas(slice.groups), 9) +
                         to_right(rate(slice.chance), 9) + "  " + name(slice.levels, weak.factors);
      out += (holds ? line : t_.ink(Ink::dim, line)) + "\n";
    }
    return out +
           note(
               "score: 0.95 (error over that of all, less 1), less 0.05 (all over the slice, less 1). chance: how "
               "often errors dealt out at random, " +
               std::string(weak.unit) + " by " + std::string(weak.unit) + ", make some slice that scores as high: of " +
               with_commas(s.draws) + " dealings, over all " + with_commas(s.looked_at) +
               " slices at once, so those of 0.05 or less hold together with 19 chances of 20.");
  }

  std::string labels(const UnevenItems& of) const {
    const std::string word = of.of_objects ? "objects" : "images";
    std::string out =
        heading(of.of_objects ? "OBJECTS" : "IMAGES", of.of_objects ? "where objects are more often of a class, or less"
                                                                    : "where images more often show a class, or less");
    if (of.classes.empty()) return out + note("one class alone, and all " + word + " show it");
    if (of.labels.best.empty()) return out + nothing(of.labels, word);
    out += columns(to_right("here", 9) + to_right("elsewhere", 11) + to_right(word, 10) + to_right("phi", 8) +
                   to_right("q", 9) + "  class, where");
    for (const UnevenSlice& s : of.labels.best) {
      const std::string& label = of.classes[s.mark].name;
      out += to_right(percent(s.marked, s.items), 9) + to_right(percent(s.elsewhere, s.others), 11) +
             to_right(with_commas(s.items), 10) + to_right(measure(s.effect), 8) + to_right(rate(s.q), 9) + "  " +
             (label.empty() && !of.of_objects ? "no object" : printable(quoted(label))) + " where " +
             name(s.levels, of.factors) + "\n";
    }
    return out + more(of.labels.held, of.labels.best.size());
  }

  std::string drift(const UnevenItems& of) const {
    if (of.splits.empty()) return {};
    const std::string word = of.of_objects ? "objects" : "images";
    std::string out = heading("DRIFT", "what a split has more of than training, or less, by " + word);
    if (of.drift.best.empty()) return out + nothing(of.drift, word);
    out += columns(to_right("split", 9) + to_right("training", 11) + to_right(word, 10) + to_right("phi", 8) +
                   to_right("q", 9) + "  split, where");
    for (const UnevenSlice& s : of.drift.best)
      out += to_right(percent(s.marked, s.marked + s.elsewhere), 9) +
             to_right(percent(s.items - s.marked, s.items - s.marked + s.others - s.elsewhere), 11) +
             to_right(with_commas(s.items), 10) + to_right(measure(s.effect), 8) + to_right(rate(s.q), 9) + "  " +
             printable(quoted(of.splits[s.mark].name)) + " where " + name(s.levels, of.factors) + "\n";
    return out + more(of.drift.held, of.drift.best.size());
  }

  std::string thin(const LabelSlices& found) const {
    const ThinSlices& thin = found.thin;
    std::string out = heading("THIN", "conditions that hardly ever meet in one image");
    if (thin.best.empty())
      return out + note("none of " + counted(thin.looked_at, "pair") + " that would be expected " +
                        with_commas(thin.least) + " times has half of that or less");
    out += columns(to_right("images", 9) + to_right("expected", 11) + to_right("q", 9) + "  where");
    for (const ThinSlice& s : thin.best)
      out += to_right(with_commas(s.items), 9) +
             to_right(with_commas(static_cast<std::uint64_t>(std::llround(s.expected))), 11) + to_right(rate(s.q), 9) +
             "  " + name(s.levels, found.of.front().factors) + "\n";
    return out + (thin.held > thin.best.size() ? note(with_commas(thin.held - thin.best.size()) + " more: --top") : "");
  }

  std::string nothing(const UnevenSlices& found, const std::string& word) const {
    if (found.looked_at == 0)
      return note("no slice of " + with_commas(found.least) + " " + word + " or more to look at");
    return note("nowhere: of " + with_commas(found.looked_at) + " slices none differs beyond chance and by enough");
  }

  std::string legend(const LabelSlices& found) const {
    return "\n" +
           note(
               "phi: correlation of the slice and what is said of it, 0.1 at least. q: share of false ones among all "
               "that are said, 0.05 at most (Fisher's exact test, one of each " +
               std::string(found.unit) + "; Benjamini and Yekutieli over all slices of a list).");
  }

  const Terminal& t_;
  const SlicesReport& report_;
};

int run_slices(Terminal& t, const SlicesFlags& f) {
  OpenOptions opening{.from = f.from, .images_dir = f.images_dir, .probe_images = true, .common = {}};
  opening.common.threads = f.threads;
  opening.common.progress = t.progress();
  const auto source = open(f.src, opening);
  if (!source) return t.fail(source.error());
  const auto given = read_predicted(f.predicted, *source, f.src, opening);
  if (!given) return t.fail(given.error());
  for (const std::string& note : given->notes) t.say(note);
  SlicesOptions options{.predicted = given->predicted ? &*given->predicted : nullptr,
                        .probabilities = given->probabilities ? &*given->probabilities : nullptr,
                        .factors = f.by,
                        .depth = f.depth,
                        .best = f.top,
                        .least = f.least,
                        .pixels = !f.no_pixels};
  options.scan.cache = !f.no_cache;
  options.common = opening.common;
  if (!f.near.empty()) {
    const auto near = parse_near(f.near);
    if (!near) return t.fail(near.error());
    options.near = *near;
  }
  const auto report = slices(*source, options);
  if (!report) return t.fail(report.error());
  for (const std::string& note : report->notes) t.say(note);
  if (f.json) {
    t.out(pretty_json(report->document) + "\n");
    return Exit::yes;
  }
  const std::size_t factors =
      report->errors ? report->errors->factors.size() : report->labels->of.back().factors.size();
  const std::string_view unit = report->errors ? report->errors->unit : report->labels->unit;
  t.out(t.ink(Ink::bold, printable(f.src)) + "  " + counted(source->dataset.images.size(), "image") + ", " +
        counted(source->dataset.annotations.size(), "annotation") + "; slices by " + counted(factors, "factor") +
        ", counted by " + std::string(unit) + "\n");
  t.out(SlicesText(t, *report).text());
  return Exit::yes;
}

constexpr Example examples[] = {
    {"vetset slices street", "where labels and splits are uneven"},
    {"vetset slices street --predictions results.json --out-of-fold", "where a model errs most"},
    {"vetset slices street --by class,pixel.luma_p50,exif.model", "only by these factors"},
    {"vetset slices street --json", "for programs; schema in docs/schema/slices-v1.json"},
};

}  // namespace

extern const Command slices_command;
const Command slices_command{
    .name = "slices",
    .summary = "where a model errs most; without one, where labels and splits are uneven",
    .about =
        "A slice is what levels of some factors have in common: night, small, of one camera. Factors come from "
        "pixels,\n"
        "EXIF, boxes, classes and attributes; docs/guide/contract.md lists them.\n",
    .examples = examples,
    .first = false,
    .define = [](Arguments& a) -> std::function<int(Terminal&)> {
      auto f = std::make_shared<SlicesFlags>();
      a.positional("SRC", f->src, "a dataset's folder, an archive, or one annotation file")
          .list("--by", f->by, "FACTORS", "only slices by these; all conditions of images and objects if not said")
          .option("--depth", f->depth, "N", "factors that a slice joins; 3 for errors, 2 for labels if not said")
          .option("--top", f->top, "N", "slices of each list; 10 if not said")
          .option("--least", f->least, "N", "items of a slice; 32, or one in a hundred of all, if not said");
      define_predicted(a, f->predicted);
      a.flag("--no-pixels", f->no_pixels, "decode nothing: what only pixels and EXIF tell makes no slice")
          .option("--near", f->near, "TIER", "how near-duplicates are searched for groups: basic, views, full",
                  {"basic", "views", "full"})
          .flag("--no-cache", f->no_cache, "remember nothing of the pixels, and take nothing that is remembered")
          .option("--images-dir", f->images_dir, "DIR", "where to look for images first")
          .option("--from", f->from, "FORMAT", "the format of SRC; found by itself if not said")
          .option("--threads", f->threads, "N", "threads; as many as the machine has if not said")
          .flag("--json", f->json, "print JSON");
      return [f](Terminal& t) { return run_slices(t, *f); };
    }};

}  // namespace vetset::cli

// vetset agreement: how far several raters agree, and where they do not.
#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "cli/command.h"
#include "vetset/base/json.h"
#include "vetset/base/number.h"
#include "vetset/base/unicode.h"
#include "vetset/check/report/columns.h"
#include "vetset/vetset.h"

namespace vetset::cli {
namespace {

struct AgreementFlags {
  std::vector<std::string> sources;
  std::string by, shipped, iou, from, images_dir;
  unsigned draws = 1000, threads = 0;
  bool all = false, json = false;
};

/// Three decimals; "-" where there is nothing to say.
std::string three(double value) {
  if (std::isnan(value)) return "-";
  std::string text;
  append_fixed(text, value, 3);
  return text;
}

std::string range(double of, const Interval& interval) {
  return std::isnan(of) ? "-" : three(interval.low) + " to " + three(interval.high);
}

std::string percent(double share) {
  if (std::isnan(share)) return "-";
  std::string text;
  append_fixed(text, 100 * share, 1);
  return text + " %";
}

class AgreementText {
 public:
  AgreementText(const Terminal& t, const RaterAgreement& a, const Dataset& d, bool all)
      : t_(t), a_(a), d_(d), most_(all ? SIZE_MAX : 10) {}

  std::string text() const {
    std::string out = about();
    for (const AgreementOf& of : a_.about) out += classes(of);
    return out + raters() + pairs() + shipped();
  }

 private:
  std::string heading(std::string_view text, std::size_t width, std::string_view columns) const {
    return "\n" + t_.ink(Ink::bold, to_left(text, width)) + t_.ink(Ink::dim, columns) + "\n";
  }
  std::string more(std::size_t count, std::string_view one, std::string_view many) const {
    if (count <= most_) return {};
    return t_.ink(Ink::dim, "  and " + counted(count - most_, one, many) + ": --all lists them") + "\n";
  }

  Ink ink_of(Reliance r) const {
    switch (r) {
      case Reliance::firm: return Ink::green;
      case Reliance::too_low: return Ink::red;
      case Reliance::tentative:
      case Reliance::undecided: return Ink::yellow;
      case Reliance::unknown: break;
    }
    return Ink::dim;
  }
  static std::string_view says(Reliance r) {
    switch (r) {
      case Reliance::firm: return "firm";
      case Reliance::tentative: return "tentative";
      case Reliance::undecided: return "undecided: too few to say";
      case Reliance::too_low: return "too low";
      case Reliance::unknown: break;
    }
    return "says nothing: one value alone";
  }
  static std::string_view spoken(std::string_view what) {
    if (what == "image class") return "class of an image";
    if (what == "image tag") return "classes of an image";
    if (what == "object class") return "class of an object";
    if (what == "object") return "which objects";
    return "where boxes end";
  }

  std::string about() const {
    std::string out = heading(
        "AGREEMENT", name_, to_right("alpha", 8) + to_right("95 %", 18) + to_right("pairs", 10) + to_right("units", 9));
    for (const AgreementOf& of : a_.about)
      out += "  " + to_left(spoken(of.what), name_ - 2) + to_right(three(of.alpha), 8) +
             to_right(range(of.alpha, of.interval), 18) +
             to_right(of.what == "box" ? "IoU " + three(of.raw).substr(0, 4) : percent(of.raw), 10) +
             to_right(with_commas(of.units), 9) + "  " + t_.ink(ink_of(of.reliance), says(of.reliance)) + "\n";
    return out + t_.ink(Ink::dim,
                        "  alpha: Krippendorff's, 1 is full agreement, 0 what chance gives. Firm: the interval lies "
                        "above 0.800;\n  tentative: above 0.667; too low: below. pairs: equal ones of all; of boxes "
                        "their mean overlap.\n");
  }

  std::string classes(const AgreementOf& of) const {
    if (of.classes.size() < 2 || of.what == "object") return {};
    std::vector<const ClassAgreement*> order;
    for (const ClassAgreement& c : of.classes) order.push_back(&c);
    std::stable_sort(order.begin(), order.end(), [](const ClassAgreement* a, const ClassAgreement* b) {
      return std::isnan(b->alpha) ? !std::isnan(a->alpha) : a->alpha < b->alpha;
    });
    std::string out =
        heading("CLASSES", name_,
                to_right("alpha", 8) + to_right("95 %", 18) + to_right("pairs", 10) + to_right("ratings", 9) + "  " +
                    std::string(of.what == "object class" ? "of objects that both drew" : "of images"));
    for (std::size_t k = 0; k < std::min(order.size(), most_); ++k) {
      const ClassAgreement& c = *order[k];
      out += "  " + to_left(cut_middle(printable(c.name), name_ - 3), name_ - 2) + to_right(three(c.alpha), 8) +
             to_right(range(c.alpha, c.interval), 18) + to_right(percent(c.raw), 10) +
             to_right(with_commas(static_cast<std::uint64_t>(std::llround(c.ratings))), 9) + "\n";
    }
    return out + more(order.size(), "class", "classes");
  }

  std::string raters() const {
    if (a_.raters.empty()) return {};
    const bool objects = a_.pairs_of == "object", compared = a_.raters.size() > 2;
    std::string columns = to_right("images", 8) + to_right(objects ? "objects" : "labels", 9);
    if (compared) columns += to_right("agrees", 10) + to_right("others", 10);
    columns += to_right("right", 8);
    if (compared && objects) columns += to_right("missed", 8) + to_right("alone", 8);
    std::string out = heading("RATERS", name_, columns);
    std::vector<const RaterReport*> order;
    for (const RaterReport& r : a_.raters) order.push_back(&r);
    std::stable_sort(order.begin(), order.end(), [](const RaterReport* a, const RaterReport* b) {
      return a->standing.others - a->standing.agrees > b->standing.others - b->standing.agrees;
    });
    for (std::size_t k = 0; k < std::min(order.size(), most_); ++k) {
      const RaterReport& r = *order[k];
      const RaterStanding& s = r.standing;
      out += "  " + to_left(cut_middle(printable(r.name), name_ - 3), name_ - 2) + to_right(with_commas(r.images), 8) +
             to_right(with_commas(r.annotations), 9);
      if (compared)
        out +=
            to_right(s.units > 0 ? percent(s.agrees) : "-", 10) + to_right(s.units > 0 ? percent(s.others) : "-", 10);
      out += to_right(three(r.right), 8);
      if (compared && objects) out += to_right(with_commas(s.missed), 8) + to_right(with_commas(s.alone), 8);
      if (s.deviates()) out += "  " + t_.ink(Ink::red, "deviates");
      out += "\n";
    }
    out += more(order.size(), "rater", "raters");
    std::string legend = "  right: how likely they say what is probably true, as all of them make it (Dawid, Skene).";
    if (compared)
      legend =
          "  agrees: pairs with the others that are equal; others: pairs of those among themselves, about the same." +
          std::string("\n") + legend;
    return out + t_.ink(Ink::dim, legend) + "\n";
  }

  std::string pairs() const {
    if (a_.pairs.empty()) return {};
    std::vector<PairAgreement> order = a_.pairs;
    std::stable_sort(order.begin(), order.end(), [](const PairAgreement& a, const PairAgreement& b) {
      return std::isnan(b.kappa) ? !std::isnan(a.kappa) : a.kappa < b.kappa;
    });
    std::string out = heading("PAIRS", name_,
                              to_right("kappa", 8) + to_right("equal", 28) + to_right("units", 9) + "  Cohen's, " +
                                  std::string(spoken(a_.pairs_of)));
    for (std::size_t k = 0; k < std::min(order.size(), most_); ++k) {
      const PairAgreement& p = order[k];
      const std::string names = printable(a_.raters[p.first].name) + ", " + printable(a_.raters[p.second].name);
      out += "  " + to_left(cut_middle(names, name_ - 3), name_ - 2) + to_right(three(p.kappa), 8) +
             to_right(percent(p.raw), 28) + to_right(with_commas(p.units), 9) + "\n";
    }
    return out + more(order.size(), "pair", "pairs");
  }

  std::string shipped() const {
    if (!a_.shipped) return {};
    std::string out = "\n" + t_.ink(Ink::bold, "SHIPPED LABELS") + "  " + with_commas(a_.contradictions.size()) +
                      " of " + counted(a_.compared, "label") + " the consensus does not bear out\n";
    std::vector<const Contradicted*> order;
    for (const Contradicted& c : a_.contradictions) order.push_back(&c);
    std::stable_sort(order.begin(), order.end(),
                     [](const Contradicted* a, const Contradicted* b) { return a->probability < b->probability; });
    const auto named = [&](CategoryIndex c) {
      return c == none<CategoryIndex> ? "nothing" : "'" + printable(d_[c].name) + "'";
    };
    for (std::size_t k = 0; k < std::min(order.size(), most_); ++k) {
      const Contradicted& c = *order[k];
      const CategoryIndex given = c.given == none<AnnotationIndex> ? none<CategoryIndex> : d_[c.given].category;
      out += "  " + printable(d_.path(c.image)) + ": " + named(given) + " is shipped (" + three(c.probability) +
             "), the raters have " + named(c.proposed) + " (" + three(c.proposed_probability) + ")\n";
    }
    return out + more(order.size(), "label", "labels");
  }

  static constexpr std::size_t name_ = 24;
  const Terminal& t_;
  const RaterAgreement& a_;
  const Dataset& d_;
  std::size_t most_;
};

Result<double> overlap_of(const std::string& text) {
  if (text.empty()) return 0.5;
  const NumberText number = read_loose_number(text);
  if (number.length == 0 || number.length != text.size())
    return Error{Code::usage, "--iou: expected a number, found '" + text + "'"};
  return number.value;
}

int run_agreement(Terminal& t, const AgreementFlags& f) {
  const auto least_iou = overlap_of(f.iou);
  if (!least_iou) return t.fail(least_iou.error());
  OpenOptions opening{.from = f.from, .images_dir = f.images_dir, .probe_images = true, .common = {}};
  opening.common.threads = f.threads;
  opening.common.progress = t.progress();
  std::vector<Source> sources;
  for (const std::string& path : f.sources) {
    auto source = open(path, opening);
    if (!source) return t.fail(source.error());
    sources.push_back(*std::move(source));
  }
  std::optional<Source> shipped;
  if (!f.shipped.empty()) {
    auto source = open(f.shipped, opening);
    if (!source) return t.fail(source.error());
    shipped = *std::move(source);
  }
  std::vector<const Source*> all;
  for (const Source& source : sources) all.push_back(&source);
  const auto seen = agreement(all, {.by = f.by,
                                    .least_iou = *least_iou,
                                    .draws = f.draws,
                                    .shipped = shipped ? &*shipped : nullptr,
                                    .common = opening.common});
  if (!seen) return t.fail(seen.error());
  if (f.json) {
    t.out(pretty_json(seen->document) + "\n");
    return Exit::yes;
  }
  const RaterAgreement& a = seen->agreement;
  const Dataset& d = seen->dataset.images.empty() ? sources.front().dataset : seen->dataset;
  t.out(t.ink(Ink::bold, printable(f.sources.front())) + "  " + counted(a.raters.size(), "rater") + " by " +
        printable(a.by) + ", " + counted(a.images, "image") + ", " + with_commas(a.shared_images) +
        " of them seen by two or more\n");
  t.out(AgreementText(t, a, d, f.all).text());
  return Exit::yes;
}

constexpr Example examples[] = {
    {"vetset agreement votes.json", "raters that the dataset names"},
    {"vetset agreement votes.json --by attribute:labelled_by", "named under another key"},
    {"vetset agreement ana/ ben/ cem/", "each dataset is a rater's"},
    {"vetset agreement ana/ ben/ cem/ --shipped final/", "what became of their labels"},
    {"vetset agreement votes.json --json", "for programs; schema in docs/schema/agreement-v1.json"},
};

}  // namespace

extern const Command agreement_command;
const Command agreement_command{
    .name = "agreement",
    .summary = "how far several raters agree, and who of them deviates",
    .about =
        "Raters are the layers of a dataset, or who its annotations name, or several datasets of the same images.\n"
        "Labels of nobody beside those of raters are what is shipped: the raters' consensus is held against them.\n",
    .examples = examples,
    .first = false,
    .define = [](Arguments& a) -> std::function<int(Terminal&)> {
      auto f = std::make_shared<AgreementFlags>();
      a.positionals("SRC", f->sources, "a dataset with several raters, or a dataset a rater")
          .option("--by", f->by, "WHAT", "who labelled what: layer or attribute:KEY; found by itself if not said")
          .option("--shipped", f->shipped, "DATASET", "labels to hold against the raters' consensus")
          .option("--iou", f->iou, "IOU", "least overlap of two boxes of one object; 0.5 if not said")
          .option("--draws", f->draws, "N", "draws of the bootstrap that intervals come from; 1000 if not said")
          .flag("--all", f->all, "every class, rater, pair and label")
          .option("--images-dir", f->images_dir, "DIR", "where to look for images first")
          .option("--from", f->from, "FORMAT", "the format of SRC; found by itself if not said")
          .option("--threads", f->threads, "N", "threads; as many as the machine has if not said")
          .flag("--json", f->json, "print JSON");
      return [f](Terminal& t) { return run_agreement(t, *f); };
    }};

}  // namespace vetset::cli

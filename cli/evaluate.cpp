// vetset evaluate: COCO's average precision and recall, and to which data the figures belong.
#include <algorithm>
#include <cmath>
#include <filesystem>

#include "cli/command.h"
#include "cli/evaluate_options.h"
#include "cli/split_told.h"
#include "vetset/base/json.h"
#include "vetset/base/number.h"
#include "vetset/base/publish.h"
#include "vetset/base/unicode.h"
#include "vetset/check/report/columns.h"

namespace vetset::cli {
namespace {

struct EvaluateFlags {
  std::string truth, predictions, coco = "corrected", split, match_images = "auto", match_classes = "auto", output,
                                  arrays, from, predictions_from, images_dir, near;
  std::vector<std::string> types, limits, thresholds, areas, sigmas, rename, group_by;
  unsigned threads = 0;
  bool without_leaks = false, class_agnostic = false, per_class = false, identity = false, json = false;
};

Result<EvaluateOptions> options_of(const EvaluateFlags& f) {
  EvaluateOptions o;
  o.mode = f.coco == "strict" ? CocoMode::strict : CocoMode::corrected;
  o.split = f.split;
  o.match_images = f.match_images;
  o.match_classes = f.match_classes;
  o.use_categories = !f.class_agnostic;
  o.identity = f.identity;
  o.record = f.json || !f.output.empty();
  o.without_leaks = f.without_leaks;
  o.group_by = f.group_by;
  if (const auto tier = near_tier(f.near)) o.near = tier;
  if (!f.without_leaks && (!f.near.empty() || !f.group_by.empty()))
    return Error{Code::usage, "--near and --group-by say how --without-leaks finds leaks; it is not there"};
  if (!f.thresholds.empty()) {
    VETSET_TRY(o.iou_thresholds, thresholds_of(f.thresholds));
  }
  VETSET_TRY(o.max_detections, limits_of(f.limits));
  VETSET_TRY(o.areas, areas_of(f.areas));
  VETSET_TRY(o.sigmas, numbers_of("--sigmas", f.sigmas));
  VETSET_TRY(o.classes, renamed_of(f.rename));
  return o;
}

/// "0.031", as the lines have it; "-" where there is nothing to measure.
std::string figure(double value) {
  if (value < 0) return "-";
  std::string text;
  append_fixed(text, value, 3);
  return text;
}

std::string signed_figure(double value) { return (value < 0 ? "−" : "+") + figure(std::fabs(value)); }

std::string row(const Terminal& t, Ink ink, std::string_view label, const std::string& text) {
  return "  " + t.ink(ink, padded(label, 18)) + wrapped(text, 20, t.width());
}

/// What is compared with what, and how they found each other.
std::string heading(const Terminal& t, const EvaluateFlags& f, const Source& truth, const Predictions& p,
                    const Evaluation& e) {
  const CocoResult& r = e.result;
  const auto line = [&](std::string_view label, const std::string& text) {
    return "  " + t.ink(Ink::dim, padded(label, 13)) + wrapped(text, 15, t.width());
  };
  std::string text = t.ink(Ink::bold, "COCO " + std::string(name(r.settings.iou_type))) + ", " +
                     std::string(name(r.settings.mode)) + (r.settings.use_categories ? "" : ", as one class") + "\n";
  text += line("truth", printable(f.truth) + (f.split.empty() ? "" : ", split " + printable(f.split)) + ": " +
                            std::string(truth.format->title) + ", " + counted(r.images, "image") + ", " +
                            counted(r.objects, "object"));
  text += line("predictions", printable(f.predictions) + ": " + with_commas(p.records));
  std::string matched;
  if (!e.images_matched_by.empty()) matched = "images by " + e.images_matched_by;
  if (!e.classes_matched_by.empty()) matched += (matched.empty() ? "" : ", ") + ("classes by " + e.classes_matched_by);
  if (!matched.empty()) text += line("matched", matched);
  return text;
}

std::string lines(const Terminal& t, const CocoResult& r) {
  std::string out;
  for (const CocoLine& line : r.lines) out += " " + text_of(line, r.settings) + "\n";
  if (!out.empty()) return out;
  return "  " + wrapped(
                    "no figures: with these limits and areas pycocotools stops in its summary (it needs three "
                    "limits); --coco corrected has a line for each",
                    2, t.width());
}

/// The price of the leaks: the first line again without the images that they touch.
std::string price(const Terminal& t, const EvaluateFlags& f, const LeakPrice& p) {
  const auto range = [](const LeakPrice::Figure& of) { return " [" + figure(of.low) + ", " + figure(of.high) + "]"; };
  std::string out = "\n" + t.ink(Ink::bold, "WITHOUT LEAKS") + "\n";
  if (p.left_out == 0) {
    out += row(
        t, Ink::green, "no leak",
        "no image of " + printable(f.split) + " is linked to another split; AP " + figure(p.all.value) + range(p.all));
  } else if (p.clean.value < 0) {
    out += row(t, Ink::red, "nothing is left", "leaks touch all that is measured");
  } else {
    out += row(t, Ink::red, "AP " + figure(p.all.value) + " → " + figure(p.clean.value),
               range(p.clean).substr(1) + ", that is " + signed_figure(-p.price.value) + " [" +
                   signed_figure(-p.price.high) + ", " + signed_figure(-p.price.low) + "]; 95 % of " +
                   with_commas(p.resamples) + " draws of groups of linked images");
  }
  if (p.left_out > 0) {
    std::string kinds;
    for (std::size_t k = 0; k < link_kind_count; ++k)
      if (p.kinds[k] > 0)
        kinds += (kinds.empty() ? "" : ", ") + std::string(name(static_cast<LinkKind>(k))) + " (" +
                 with_commas(p.kinds[k]) + ")";
    out += row(t, Ink::dim, "left out",
               counted(p.left_out, "image") + " of " + with_commas(p.images) + " in " +
                   counted(p.left_out_groups, "group") + ", linked to other splits by " + kinds);
    constexpr std::size_t most = 3;
    for (std::size_t i = 0; i < std::min(p.examples.size(), most); ++i) {
      const LeakPrice::Example& e = p.examples[i];
      out += row(
          t, Ink::dim, i == 0 ? "for example" : "",
          printable(e.image) + " – " + printable(e.other) + " (" + printable(e.other_split) + "): " + printable(e.how));
    }
  }
  out += row(t, Ink::dim, "searched", search_told(p.near));
  if (p.without_file > 0)
    out += row(t, Ink::yellow, "not looked at", counted(p.without_file, "image") + " without a file");
  return out;
}

/// What only COCO states is no news of a truth in another format; the record has it all the same.
bool is_news(const QuirkFired& fired, const Source& truth) {
  const bool of_coco = fired.quirk == CocoQuirk::missing_crowd || fired.quirk == CocoQuirk::missing_area;
  return !of_coco || truth.format->id == "coco";
}

std::string quirks(const Terminal& t, const Source& truth, const CocoResult& r) {
  std::string out;
  for (const QuirkFired& fired : r.quirks) {
    if (!is_news(fired, truth)) continue;
    const CocoQuirkAbout known = about(fired.quirk);
    const bool strict = r.settings.mode == CocoMode::strict;
    out += "  " + t.ink(Ink::yellow, std::string(known.id)) + "  " +
           wrapped(std::string(known.title) + (fired.count > 1 ? " (" + with_commas(fired.count) + " times)" : "") +
                       ": " + std::string(strict ? known.strict : known.corrected),
                   4 + known.id.size(), t.width());
  }
  return out.empty() ? out : "\n" + t.ink(Ink::bold, "QUIRKS OF THE REFERENCE") + "\n" + out;
}

std::string names(const std::vector<Unmatched>& list, std::string_view one, std::string_view many) {
  constexpr std::size_t most = 5;
  std::uint64_t rows = 0;
  std::string some;
  for (std::size_t i = 0; i < list.size(); ++i) {
    rows += list[i].rows;
    if (i < most) some += (i == 0 ? "" : ", ") + printable(list[i].name);
  }
  std::string text = counted(list.size(), one, many) + " with " + counted(rows, "prediction") + ", left out: " + some;
  if (list.size() > most) text += " …";
  if (!list.front().where.empty()) text += "; first at " + printable(list.front().where);
  return text;
}

/// Ids that the truth does not have, and that could be places in its list of classes.
bool counts_classes(const Evaluation& e) {
  const auto is_number = [&](const Unmatched& one) {
    constexpr std::size_t most_digits = 9;
    return !one.name.empty() && one.name.size() <= most_digits &&
           one.name.find_first_not_of("0123456789") == std::string::npos && std::stoul(one.name) <= e.categories.size();
  };
  return e.classes_matched_by == "id" &&
         std::any_of(e.unknown_categories.begin(), e.unknown_categories.end(), is_number);
}
constexpr const char* place_hint =
    "; where predictions count the truth's classes from 0 or 1: --match-classes index, or index1";

std::string mismatches(const Terminal& t, const Source& truth, const EvaluateFlags& f, const Evaluation& e) {
  std::string out;
  if (!e.unknown_images.empty())
    out += row(t, Ink::red, "not in the truth", names(e.unknown_images, "image", "images"));
  if (!e.unknown_categories.empty())
    out += row(t, Ink::red, "not in the truth",
               names(e.unknown_categories, "class", "classes") + (counts_classes(e) ? place_hint : ""));
  if (e.images_without_predictions > 0) {
    std::string text = counted(e.images_without_predictions, "image") + " of " + with_commas(e.result.images);
    const bool parted = f.split.empty() && truth.dataset.splits.size() > 1;
    if (parted) text += "; if predictions were made of one split only, compare that: --split NAME";
    out += row(t, Ink::dim, "no predictions", text);
  }
  if (!e.categories_without_predictions.empty()) {
    std::string text = counted(e.categories_without_predictions.size(), "class", "classes") + ": ";
    constexpr std::size_t most = 10;
    for (std::size_t i = 0; i < std::min(e.categories_without_predictions.size(), most); ++i)
      text += (i == 0 ? "" : ", ") + printable(e.categories_without_predictions[i]);
    if (e.categories_without_predictions.size() > most) text += " …";
    out += row(t, Ink::dim, "no predictions", text);
  }
  return out.empty() ? out : "\n" + t.ink(Ink::bold, "NOT MATCHED") + "\n" + out;
}

std::string found(const Terminal& t, const Evaluation& e) {
  constexpr std::size_t most = 8;
  std::string out;
  for (std::size_t i = 0; i < e.findings.size(); ++i) {
    if (i == most) {
      out += "  and " + with_commas(e.findings.size() - i) + " more\n";
      break;
    }
    const Finding& finding = e.findings[i];
    std::string text = finding.message;
    if (const auto* place = std::get_if<Place>(&finding.where); place != nullptr && place->line > 0)
      text = place->file + ":" + std::to_string(place->line) + ":" + std::to_string(place->column) + ": " + text;
    const bool left_out = finding.severity == Severity::error;
    out += "  " + t.ink(left_out ? Ink::red : Ink::yellow, std::string(finding.code)) + "  " +
           wrapped(printable(text), 10, t.width());
  }
  return out.empty() ? out : "\n" + t.ink(Ink::bold, "RECORDS WITH FAULTS") + "\n" + out;
}

std::string classes(const Terminal& t, const Evaluation& e) {
  const CocoResult& r = e.result;
  const auto& thresholds = r.settings.iou_thresholds;
  const bool has_half = std::find(thresholds.begin(), thresholds.end(), 0.5) != thresholds.end();
  std::size_t widest = 7;
  for (const std::string& name : e.categories)
    widest = std::max(widest, std::min<std::size_t>(display_width(printable(name)), 32));
  std::string out = "\n" + t.ink(Ink::bold, to_left("CLASSES", widest + 2)) +
                    t.ink(Ink::dim, to_right("objects", 10) + to_right("AP", 8) +
                                        (has_half ? to_right("AP50", 8) : "") + to_right("AR", 8)) +
                    "\n";
  for (std::size_t k = 0; k < e.categories.size() && k < r.categories; ++k) {
    out += "  " + to_left(cut(printable(e.categories[k]), widest), widest) +
           to_right(with_commas(r.category_objects[k]), 10) + to_right(figure(category_precision(r, k)), 8);
    if (has_half) out += to_right(figure(category_precision(r, k, 0.5)), 8);
    out += to_right(figure(category_recall(r, k)), 8) + "\n";
  }
  return out;
}

/// A file of NumPy's format (version 1.0).
std::string npy(const std::vector<double>& values, const std::vector<std::size_t>& shape) {
  std::string header = "{'descr': '<f8', 'fortran_order': False, 'shape': (";
  for (const std::size_t size : shape) header += std::to_string(size) + ", ";
  header += "), }";
  constexpr std::size_t magic = 10, line = 64;
  header.append(line - (magic + header.size() + 1) % line, ' ');
  header += '\n';
  std::string out = "\x93NUMPY";
  out += {'\x01', '\x00', static_cast<char>(header.size() & 0xff), static_cast<char>(header.size() >> 8)};
  out += header;
  out.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double));
  return out;
}

Result<void> write_arrays(const std::string& folder, const CocoResult& r) {
  std::error_code problem;
  std::filesystem::create_directories(folder, problem);
  if (problem) return Error{Code::io, "cannot be made: " + problem.message(), folder};
  const std::size_t t = r.settings.iou_thresholds.size(), n = r.settings.recall_thresholds.size(), k = r.categories,
                    a = r.settings.areas.size(), m = r.settings.max_detections.size();
  const std::string prefix = folder + "/" + std::string(name(r.settings.iou_type)) + "-";
  VETSET_DO(write_file_atomically(prefix + "precision.npy", npy(r.precision, {t, n, k, a, m})));
  VETSET_DO(write_file_atomically(prefix + "recall.npy", npy(r.recall, {t, k, a, m})));
  return write_file_atomically(prefix + "scores.npy", npy(r.scores, {t, n, k, a, m}));
}

int run_evaluate(Terminal& t, const EvaluateFlags& f) {
  auto options = options_of(f);
  if (!options) return t.fail(options.error());
  const auto types = types_of(f.types);
  if (!types) return t.fail(types.error());
  if (types->size() > 1 && options->record)
    return t.fail({Code::usage, "a record speaks of one kind of overlap: name one --iou-type with -o and --json"});
  OpenOptions opening{.from = f.from, .images_dir = f.images_dir, .digests = options->record, .common = {}};
  opening.common.threads = f.threads;
  opening.common.progress = t.progress();
  options->common = opening.common;
  const auto truth = open(f.truth, opening);
  if (!truth) return t.fail(truth.error());
  opening.from = f.predictions_from;
  // Label files speak in fractions of images, which lie with the truth.
  std::error_code ignored;
  if (f.images_dir.empty() && std::filesystem::is_directory(f.truth, ignored)) opening.images_dir = f.truth;
  auto predictions = read_predictions(f.predictions, opening, &*truth);
  if (!predictions) return t.fail(predictions.error());
  const bool has_points = std::find(types->begin(), types->end(), IouType::keypoints) != types->end();
  const std::vector<double> sigmas = options->sigmas;
  const std::size_t rounds = std::max<std::size_t>(types->size(), 1);
  for (std::size_t i = 0; i < rounds; ++i) {
    if (!types->empty()) options->iou_type = (*types)[i];
    // Of several kinds, sigmas are for the one that has them.
    if (rounds > 1 && has_points) options->sigmas = (*types)[i] == IouType::keypoints ? sigmas : std::vector<double>();
    const bool last = i + 1 == rounds;
    const Predictions summary{.records = predictions->records};
    const auto done = evaluate(*truth, last ? *std::move(predictions) : Predictions(*predictions), *options);
    if (!done) {
      t.fail(done.error());
      return Exit::could_not;
    }
    if (!f.output.empty())
      if (const auto written = write_file_atomically(f.output, done->record + "\n"); !written)
        return t.fail(written.error());
    if (!f.arrays.empty())
      if (const auto written = write_arrays(f.arrays, done->result); !written) return t.fail(written.error());
    if (f.json) {
      t.out(pretty_json(done->record) + "\n");
      continue;
    }
    std::string out = (i > 0 ? "\n" : "") + heading(t, f, *truth, summary, *done) + "\n" + lines(t, done->result);
    if (done->leaks) out += price(t, f, *done->leaks);
    if (f.per_class && done->result.settings.use_categories) out += classes(t, *done);
    t.out(out + quirks(t, *truth, done->result) + found(t, *done) + mismatches(t, *truth, f, *done));
  }
  return Exit::yes;
}

constexpr Example examples[] = {
    {"vetset evaluate instances_val2017.json results.json", "the twelve lines of COCO"},
    {"vetset evaluate data predictions.json --split val --per-class", "any format against a list of results"},
    {"vetset evaluate data predictions.json --split val --without-leaks", "what images seen in training are worth"},
    {"vetset evaluate gt.json dt.json --coco strict", "pycocotools' figures to the last bit, faults included"},
    {"vetset evaluate gt.json dt.json -o record.json", "the figures with the digests of what was compared"},
};

}  // namespace

extern const Command evaluate_command;
const Command evaluate_command{
    .name = "evaluate",
    .summary = "compare predictions with a ground truth: COCO's average precision and recall",
    .about =
        "Boxes, masks, keypoints and boundaries. Strict mode gives pycocotools' arrays to the last bit; corrected "
        "mode\n"
        "repairs its known faults; both say which fired. Images and classes are matched by what both sides say, never\n"
        "by a guess. Exit status: 0 compared, 2 could not.\n",
    .examples = examples,
    .first = true,
    .define = [](Arguments& a) -> std::function<int(Terminal&)> {
      auto f = std::make_shared<EvaluateFlags>();
      a.positional("TRUTH", f->truth, "the ground truth: a dataset's folder, an archive, or one annotation file")
          .positional("PREDICTIONS", f->predictions, "a list of COCO results, or any dataset with scores")
          .list("--iou-type", f->types, "KIND,...",
                "bbox, segm, keypoints, boundary; if not said, the most that both sides have")
          .suggest({"bbox", "segm", "keypoints", "boundary"})
          .option("--coco", f->coco, "MODE", "strict: as pycocotools 2.0.11, faults included; corrected",
                  {"strict", "corrected"})
          .option("--split", f->split, "NAME", "only the truth's images of this split")
          .list("--max-dets", f->limits, "N,...", "detections an image and class; 1,10,100 if not said")
          .list("--iou-thresholds", f->thresholds, "T,...", "numbers, or FROM:TO:STEP; 0.5:0.95:0.05 if not said")
          .list("--area-ranges", f->areas, "RANGE,...",
                "NAME=LOW:HIGH in square pixels; all, small, medium, large if not said")
          .list("--sigmas", f->sigmas, "S,...", "of keypoints, in units of the object's scale; COCO's 17 if not said")
          .flag("--class-agnostic", f->class_agnostic, "as if there were one class")
          .option("--match-images", f->match_images, "HOW", "how images are matched: auto, id, path, name, stem",
                  {"auto", "id", "path", "name", "stem"})
          .option("--match-classes", f->match_classes, "HOW",
                  "how classes are matched: auto, id, name, or by place, counted from 0 (index) or 1 (index1)",
                  {"auto", "id", "name", "index", "index1"})
          .list("--rename", f->rename, "NAMES,...",
                "PREDICTED=TRUTH: a predicted class, by name or id, and the truth's that it is")
          .flag("--without-leaks", f->without_leaks,
                "score again without the images of --split that are linked to other splits: what the leaks are worth")
          .option("--near", f->near, "TIER",
                  "how --without-leaks searches: none, basic, views, full; views if not said",
                  {"none", "basic", "views", "full"})
          .list("--group-by", f->group_by, "KEY,...", "keys that link images, as in vetset split")
          .flag("--per-class", f->per_class, "a line a class")
          .option("-o,--output", f->output, "FILE", "write the record: what was compared, how, and what came of it")
          .flag("--identity", f->identity, "read all images for the record's dataset_id")
          .option("--arrays", f->arrays, "DIR", "write precision, recall and scores as .npy files")
          .option("--from", f->from, "FORMAT", "the format of TRUTH; found by itself if not said")
          .option("--predictions-from", f->predictions_from, "FORMAT",
                  "the format of PREDICTIONS; found by itself if not said")
          .option("--images-dir", f->images_dir, "DIR", "where to look for the truth's images first")
          .option("--threads", f->threads, "N", "threads; as many as the machine has if not said")
          .flag("--json", f->json, "print the record");
      return [f](Terminal& t) { return run_evaluate(t, *f); };
    }};

}  // namespace vetset::cli

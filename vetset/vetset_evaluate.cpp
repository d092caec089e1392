// Evaluating: predictions are bound to a ground truth, made ready as the reference does it, and compared; and the
// record says to which data the figures belong.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "vetset/dataset/canonical.h"
#include "vetset/evaluate/load.h"
#include "vetset/evaluate/names.h"
#include "vetset/evaluate/record.h"
#include "vetset/vetset.h"
#include "vetset/vetset_linked.h"

namespace vetset {
namespace {

Result<std::vector<SplitIndex>> splits_called(const Dataset& d, const std::string& name) {
  std::vector<SplitIndex> splits;
  std::string known;
  for (std::size_t i = 0; i < d.splits.size(); ++i) {
    if (d.splits[i].name == name) splits.push_back(to_index<SplitIndex>(i));
    known += (i == 0 ? "" : ", ") + d.splits[i].name;
  }
  if (name.empty()) return std::vector<SplitIndex>();
  if (splits.empty())
    return Error{Code::usage, "the truth has no split '" + name + "', it has " + (known.empty() ? "none" : known)};
  return splits;
}

std::string text_of(const Place& place) {
  if (place.line == 0) return place.file;
  return place.file + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
}

/// What pycocotools does over a record that a reader could not use. `of_boxes`: the first record has a box, so masks
/// are looked at only where they are compared.
std::string reference_outcome(std::string_view message, bool of_boxes) {
  const auto says = [&](std::string_view text) { return message.find(text) != std::string_view::npos; };
  const std::string computes = "; refused: pycocotools computes with it", stops = ", where pycocotools stops";
  for (const std::string_view key : {"image_id", "category_id", "score"}) {
    const std::string name(key);
    if (says("has no " + name)) return stops + " with KeyError: '" + name + "'";
    if (!says("the " + name + " is ")) continue;
    if (says(name + " is true") || says(name + " is false")) return computes;
    if (key == "score" || !says(name + " is null")) return stops + " with TypeError";
    return key == "category_id" ? computes : stops + " with \"Results do not correspond to current coco set\"";
  }
  if (says("expected finite numbers")) return computes;
  if (says("the bbox is ")) return says("true") || says("false") ? computes : stops;
  if (says("expected an object")) return stops + " with TypeError";
  if (says("neither a bbox")) return stops;
  if (says("segmentation") || says("mask") || says("polygon") || says("RLE"))
    return of_boxes ? computes + " where boxes are compared" : stops + " with TypeError";
  return "; refused: pycocotools stops, or computes with what has no meaning";
}

class Evaluator {
 public:
  Evaluator(const Source& source, Predictions&& predictions, const EvaluateOptions& options)
      : source_(source),
        d_(source.dataset),
        p_(std::move(predictions)),
        options_(options),
        pool_(options.common.threads),
        findings_(options.common.limits.findings_per_code) {}

  Result<Evaluation> evaluate() {
    VETSET_TRY(splits_, splits_called(d_, options_.split));
    for (Finding& finding : p_.findings) findings_.add(finding);
    VETSET_DO(refuse_without_scores());
    if (is_strict()) VETSET_DO(refuse_bad_records());
    VETSET_DO(look_for_places());
    settings_ = settings();
    if (!options_.sigmas.empty() && settings_.iou_type != IouType::keypoints)
      return Error{Code::usage, "--sigmas are of keypoints, and what is compared is " +
                                    std::string(name(settings_.iou_type)) + ": say --iou-type keypoints"};
    VETSET_DO(match());
    VETSET_DO(list_unknown());
    VETSET_DO(load());
    VETSET_DO(refuse_without_rows());
    VETSET_TRY(Instances truth, load_truth());
    auto result = compare(truth);
    const bool bad_mask =
        !result && needs_masks() && result.error().code == Code::malformed && result.error().file == "predictions";
    if (bad_mask && !is_strict()) {
      leave_out_bad_masks(p_, findings_);
      VETSET_DO(refuse_without_rows());
      result = compare(truth);
    }
    if (!result) return placed(explained(std::move(result).error()));
    out_.result = *std::move(result);
    list_unpredicted();
    if (options_.without_leaks) VETSET_DO(price_leaks(truth));
    if (options_.record) VETSET_DO(make_record());
    out_.findings = std::move(findings_).take();
    return std::move(out_);
  }

 private:
  bool is_strict() const { return options_.mode == CocoMode::strict; }
  bool needs_masks() const { return settings_.iou_type == IouType::segm || settings_.iou_type == IouType::boundary; }

  Result<CocoResult> compare(const Instances& truth) const {
    return evaluate_coco({.truth = truth.view(),
                          .predictions = p_.rows.view(),
                          .images = images_.size(),
                          .categories = categories_.size()},
                         settings_, pool_);
  }

  /// A list in which nothing has a score is most often the ground truth, given in the wrong place.
  Result<void> refuse_without_scores() const {
    if (p_.records == 0) return {};
    std::uint64_t placed = 0;
    for (std::size_t row = 0; row < p_.rows.said.size(); ++row) {
      if (has(p_.rows.said[row], Said::score)) return {};
      placed += p_.rows.image[row] != no_number ? 1U : 0U;
    }
    if (p_.rows.size() > 0 && placed == 0) return {};  // label files say no more where images are not at hand
    Place first{.file = p_.files.size() == 1 ? p_.files.front().path : std::string()};
    if (p_.rows.size() == 0) {
      const auto unscored = [](const Finding& f) {
        return f.message.find("has no score") != std::string::npos ||
               f.message.find("score is null") != std::string::npos;
      };
      const auto& faults = p_.findings;
      if (faults.empty() || !std::all_of(faults.begin(), faults.end(), unscored)) return {};
      if (const auto* place = std::get_if<Place>(&faults.front().where)) first = *place;
    } else if (!p_.images.empty() && p_.images.front().where.line > 0) {
      first = p_.images.front().where;
    }
    return Error{Code::refused,
                 "no prediction of " + std::to_string(p_.records) +
                     " has a score; is this the ground truth? usage: vetset evaluate TRUTH PREDICTIONS",
                 first.file, first.line, first.column};
  }

  /// Where faults left nothing to compare, figures would be zeros that say nothing.
  Result<void> refuse_without_rows() const {
    if (p_.records == 0) return {};
    for (const std::uint32_t image : p_.rows.image)
      if (image != no_number) return {};
    for (const Finding& finding : findings_.all()) {
      if (finding.severity != Severity::error) continue;
      const auto* place = std::get_if<Place>(&finding.where);
      const std::string what = finding.message.substr(0, finding.message.rfind("; "));
      // A fault without a line names its record itself.
      const bool has_line = place != nullptr && place->line > 0;
      Error error{Code::refused, "no prediction can be used: " + what};
      if (has_line)
        error = {Code::refused, what + "; no prediction can be used", place->file, place->line, place->column};
      return error;
    }
    return {};
  }

  Result<void> refuse_bad_records() const {
    for (const Finding& finding : p_.findings) {
      if (finding.severity != Severity::error) continue;
      const auto* known = std::get_if<Place>(&finding.where);
      const Place place = known != nullptr ? *known : Place{.file = p_.files.empty() ? "" : p_.files.front().path};
      const std::string what = finding.message.substr(0, finding.message.find("; the record is left out"));
      return Error{Code::refused, what + reference_outcome(what, has(p_.first_said, Said::box)), place.file, place.line,
                   place.column};
    }
    return {};
  }

  /// Label files speak in fractions of images: where those are not at hand, a prediction is nowhere.
  Result<void> look_for_places() {
    const auto nowhere = static_cast<std::uint64_t>(std::count(p_.rows.image.begin(), p_.rows.image.end(), no_number));
    if (nowhere == 0) return {};
    const std::string what = std::to_string(nowhere) + " of " + std::to_string(p_.rows.size()) +
                             " predictions have no place: no box, or one in fractions of an image whose size is not "
                             "known";
    if (nowhere == p_.rows.size()) return Error{Code::refused, what + "; say where the images are: --images-dir"};
    findings_.add({.code = "FMT404",
                   .severity = Severity::error,
                   .where = Place{.file = p_.files.empty() ? std::string() : p_.files.front().path},
                   .message = what + "; they are left out"});
    return {};
  }

  /// Keypoints, else masks, else boxes: the most that both sides have.
  IouType usual_type() const {
    const auto predicted = [&](Said what) {
      return std::any_of(p_.rows.said.begin(), p_.rows.said.end(), [&](std::uint8_t said) { return has(said, what); });
    };
    const auto has_shape = [&](std::initializer_list<ShapeKind> kinds) {
      return std::any_of(d_.shapes.begin(), d_.shapes.end(), [&](const Shape& s) {
        return s.count > 0 && std::find(kinds.begin(), kinds.end(), s.kind) != kinds.end();
      });
    };
    if (predicted(Said::keypoints) && has_shape({ShapeKind::keypoints})) return IouType::keypoints;
    if (has_shape({ShapeKind::mask, ShapeKind::polygon}) && has_mask(p_)) return IouType::segm;
    return IouType::bbox;
  }

  CocoSettings settings() const {
    CocoSettings settings = CocoSettings::usual(options_.iou_type.value_or(usual_type()), options_.mode);
    if (!options_.iou_thresholds.empty()) settings.iou_thresholds = options_.iou_thresholds;
    if (!options_.max_detections.empty()) settings.max_detections = options_.max_detections;
    if (!options_.areas.empty()) settings.areas = options_.areas;
    if (!options_.sigmas.empty()) settings.sigmas = options_.sigmas;
    settings.use_categories = options_.use_categories;
    return settings;
  }

  /// Without classes corrected mode does not ask which classes there are.
  bool one_class() const { return !options_.use_categories && !is_strict(); }

  Result<void> match() {
    images_ = number_images(d_, splits_);
    categories_ = number_categories(d_, splits_);
    VETSET_TRY(MatchedNames images, match_images(d_, images_, p_.images, options_.match_images));
    matched_images_ = std::move(images);
    if (one_class()) {
      matched_categories_.number.assign(p_.categories.size(), 0);
    } else {
      VETSET_TRY(matched_categories_,
                 match_categories(d_, categories_, p_.categories, options_.match_classes, options_.classes));
    }
    out_.images_matched_by = matched_images_.by;
    out_.classes_matched_by = matched_categories_.by;
    for (const std::uint32_t c : categories_.record) {
      out_.categories.push_back(d_.categories[c].name);
      out_.category_ids.push_back(d_.id_json(d_.category_ids, c));
    }
    return {};
  }

  std::vector<Unmatched> unknown(const std::vector<PredictedName>& names, const Column<std::uint32_t>& codes,
                                 const std::vector<std::uint32_t>& number) const {
    std::vector<std::uint64_t> rows(names.size(), 0);
    if (std::find(number.begin(), number.end(), no_number) == number.end()) return {};
    for (const std::uint32_t code : codes)
      if (code != no_number) ++rows[code];
    std::vector<Unmatched> list;
    for (std::size_t i = 0; i < names.size(); ++i)
      if (number[i] == no_number)
        list.push_back({.name = vetset::text_of(names[i]), .rows = rows[i], .where = text_of(names[i].where)});
    return list;
  }

  Result<void> list_unknown() {
    out_.unknown_images = unknown(p_.images, p_.rows.image, matched_images_.number);
    out_.unknown_categories = unknown(p_.categories, p_.rows.category, matched_categories_.number);
    const auto named = std::find_if(p_.rows.image.begin(), p_.rows.image.end(), [&](std::uint32_t image) {
      return image != no_number && matched_images_.number[image] == no_number;
    });
    if (is_strict() && named != p_.rows.image.end()) {
      const Place& place = p_.images[*named].where;
      return Error{Code::refused,
                   "image " + quoted_text_of(p_.images[*named]) +
                       " is not in the truth: pycocotools stops with \"Results do not correspond to current coco set\"",
                   place.file, place.line, place.column};
    }
    const auto renumber = [](Column<std::uint32_t>& codes, const std::vector<std::uint32_t>& number) {
      for (std::uint32_t& code : codes)
        if (code != no_number) code = number[code];
    };
    renumber(p_.rows.image, matched_images_.number);
    renumber(p_.rows.category, matched_categories_.number);
    return {};
  }

  Result<void> load() {
    std::vector<ImageSize> sizes;
    if (needs_masks())
      for (const std::uint32_t i : images_.record) sizes.push_back({d_.images[i].height, d_.images[i].width});
    VETSET_DO(load_coco_rows(p_, sizes, settings_.iou_type, settings_.mode, pool_, findings_));
    if (needs_masks() || settings_.iou_type == IouType::keypoints) return {};
    p_.rows.mask = {};
    p_.rows.mask_text = {};
    return {};
  }

  Result<Instances> load_truth() {
    Findings found(options_.common.limits.findings_per_code);
    VETSET_TRY(
        Instances truth,
        instances_of(d_,
                     {.masks = needs_masks(), .keypoints = settings_.iou_type == IouType::keypoints, .splits = splits_},
                     pool_, found));
    for (std::uint32_t& image : truth.image)
      if (image != no_number) image = images_.number[image];
    for (std::uint32_t& category : truth.category)
      if (category != no_number) category = categories_.number[category];
    std::vector<Finding> list = std::move(found).take();
    for (Finding& finding : list) {
      finding.where = place_of(source_, finding);
      findings_.add(std::move(finding));
    }
    fit_points(truth);
    return truth;
  }

  /// Both sides have as many keypoints as there are sigmas where one side has none at all.
  void fit_points(Instances& truth) {
    if (settings_.iou_type != IouType::keypoints) return;
    const auto points = static_cast<std::uint32_t>(settings_.sigmas.size());
    for (Instances* side : {&truth, &p_.rows}) {
      if (side->points != 0) continue;
      side->points = points;
      side->keypoints.resize(side->size() * 3 * points, 0.0);
    }
  }

  /// Says more of an error of strict mode: what only COCO states, a truth of another format cannot be asked for.
  Error explained(Error error) const {
    if (is_strict() && error.file == "predictions" && error.code == Code::malformed && needs_masks())
      error.message += "; refused: pycocotools computes with it";
    const bool asks = error.file == "truth" && (error.message.find("no 'iscrowd'") != std::string::npos ||
                                                error.message.find("no 'area'") != std::string::npos);
    if (!is_strict() || !asks || source_.format == nullptr || source_.format->id.starts_with("coco")) return error;
    error.message +=
        "; " + std::string(source_.format->title) + " does not say it: use --coco corrected, or a truth in COCO";
    return error;
  }

  /// An error of the engine, which knows rows alone.
  Error placed(Error error) const {
    const std::uint32_t row = error.line;
    if (error.file == "truth") {
      error.file = source_.only;
      error.line = 0;
      if (row == 0) return error;
      const Place place = place_of(source_, {.code = "", .where = to_index<AnnotationIndex>(row - 1), .message = ""});
      error.file = place.file;
      error.line = place.line;
      error.column = place.column;
    } else if (error.file == "predictions") {
      error.file = p_.files.size() == 1 ? p_.files.front().path : std::string();
      error.line = 0;
      if (row == 0) return error;
      if (const Place* place = place_of_score(row - 1)) {
        error.file = place->file;
        error.line = place->line;
        error.column = place->column;
        return error;
      }
      error.file.clear();
      error.message = place_of_row(p_, row - 1) + ": " + error.message;
    }
    return error;
  }

  /// The reader tells every score that is not finite, in order.
  const Place* place_of_score(std::size_t row) const {
    if (row >= p_.rows.score.size() || std::isfinite(p_.rows.score[row])) return nullptr;
    const auto before = static_cast<std::size_t>(
        std::count_if(p_.rows.score.begin(), p_.rows.score.begin() + row, [](double s) { return !std::isfinite(s); }));
    std::size_t seen = 0;
    for (const Finding& finding : p_.findings) {
      const auto* place = std::get_if<Place>(&finding.where);
      if (finding.code != "FMT408" || finding.severity != Severity::warning || place == nullptr) continue;
      if (seen++ == before) return place;
    }
    return nullptr;
  }

  void list_unpredicted() {
    const auto unseen = [](const MatchedNames& matched, std::size_t count) {
      std::vector<bool> is_unseen(count, true);
      for (const std::uint32_t number : matched.number)
        if (number != no_number && number < count) is_unseen[number] = false;
      return is_unseen;
    };
    const auto images = unseen(matched_images_, images_.size());
    out_.images_without_predictions = static_cast<std::uint64_t>(std::count(images.begin(), images.end(), true));
    if (one_class()) return;
    const auto categories = unseen(matched_categories_, categories_.size());
    for (std::size_t k = 0; k < categories.size(); ++k)
      if (categories[k] && k < out_.result.category_objects.size() && out_.result.category_objects[k] > 0)
        out_.categories_without_predictions.push_back(out_.categories[k]);
  }

  /// The same predictions without the images that are linked to images of other splits. Leaves those rows out for good.
  Result<void> price_leaks(Instances& truth) {
    if (out_.result.lines.empty())
      return Error{Code::usage, "--without-leaks needs a figure to price, and with these limits strict mode has none"};
    LeakPrice price{.resamples = options_.resamples};
    VETSET_TRY(const std::vector<std::uint8_t> touched, touched_images(price));
    const CocoLine& line = out_.result.lines.front();
    CocoSettings sampled = settings_;
    sampled.max_detections = {line.detections};
    std::erase_if(sampled.areas, [&](const CocoAreaRange& range) { return range.name != line.area; });
    VETSET_DO(resample_price({.truth = truth.view(),
                              .predictions = p_.rows.view(),
                              .images = images_.size(),
                              .categories = categories_.size()},
                             sampled, groups_, touched, pool_, price));
    const auto leave_out = [&](Column<std::uint32_t>& images) {
      for (std::uint32_t& image : images)
        if (image != no_number && touched[image] != 0) image = no_number;
    };
    leave_out(truth.image);
    leave_out(p_.rows.image);
    price.all.value = line.value;
    if (price.left_out < price.images) {
      auto without = compare(truth);
      if (!without) return placed(explained(std::move(without).error()));
      price.without = *std::move(without);
      price.without.images -= price.left_out;
      if (!price.without.lines.empty()) price.clean.value = price.without.lines.front().value;
    }
    if (price.all.value >= 0 && price.clean.value >= 0) price.price.value = price.all.value - price.clean.value;
    out_.leaks = std::move(price);
    return {};
  }

  /// By number: whether images of another split are linked to an image, by any way round. Counts them.
  Result<std::vector<std::uint8_t>> touched_images(LeakPrice& price) {
    std::set<std::string> names;
    for (const Split& split : d_.splits) names.insert(split.name);
    if (options_.split.empty() || names.size() < 2)
      return Error{Code::usage,
                   names.size() < 2
                       ? "leaks are links between splits, and the truth has one; give the whole dataset as "
                         "TRUTH and say --split"
                       : "leaks are links to other splits: say which one is evaluated, --split NAME"};
    Links found;
    if (options_.links == nullptr) {
      VETSET_TRY(const std::vector<Keys> keys,
                 keys_called(d_, options_.group_by, KeyUse::grouping, options_.common.limits));
      VETSET_TRY(LinkedImages searched, search_linked(source_, keys,
                                                      {.near = options_.near.value_or(NearTier::views),
                                                       .radius = options_.radius,
                                                       .needs_files = true,
                                                       .scan = options_.scan,
                                                       .common = options_.common}));
      for (const Facts& facts : searched.facts) price.without_file += facts.has_digest ? 0U : 1U;
      found = std::move(searched.links);
    }
    const Links& links = options_.links != nullptr ? *options_.links : found;
    price.near = links.near;
    const Dataset::ImageSplits of = d_.image_splits();
    std::set<std::string> others;  // names of splits that hold more than what is evaluated
    for (const Membership& m : d_.memberships)
      if (images_.number[to_size(m.image)] == no_number) others.insert(d_[m.split].name);
    const auto other_split = [&](std::size_t image) -> const std::string* {
      for (const SplitIndex s : of.of(to_index<ImageIndex>(image)))
        if (d_[s].name != options_.split && others.contains(d_[s].name)) return &d_[s].name;
      return nullptr;
    };
    const Components all = components(links, d_.images.size());
    std::vector<std::uint8_t> leaks(all.sizes.size());
    for (std::size_t i = 0; i < d_.images.size(); ++i)
      if (other_split(i) != nullptr) leaks[all.of[i]] = 1;
    std::vector<std::uint8_t> touched(images_.size());
    for (std::size_t i = 0; i < d_.images.size(); ++i)  // several records may be one image
      if (const std::uint32_t number = images_.number[i]; number != no_number) touched[number] |= leaks[all.of[i]];
    std::map<std::uint32_t, std::uint32_t> numbers;
    for (std::size_t k = 0; k < images_.size(); ++k) {
      const std::uint32_t group = all.of[images_.record[k]];
      const auto [at, fresh] = numbers.emplace(group, static_cast<std::uint32_t>(numbers.size()));
      groups_.push_back(at->second);
      price.left_out += touched[k];
      if (fresh) ++price.groups, price.left_out_groups += touched[k];
    }
    price.images = images_.size();
    std::set<std::uint32_t> shown;
    constexpr std::size_t most_examples = 10;
    for (const Link& link : links.links) {
      if (link.cut || !has(grouping_kinds, link.kind)) continue;
      const std::size_t a = to_size(link.first), b = to_size(link.second);
      const bool a_here = images_.number[a] != no_number, b_here = images_.number[b] != no_number;
      const std::size_t here = a_here ? a : b, there = a_here ? b : a;
      if (a_here == b_here || other_split(there) == nullptr) continue;
      ++price.kinds[static_cast<std::size_t>(link.kind)];
      if (price.examples.size() == most_examples || !shown.insert(all.of[here]).second) continue;
      price.examples.push_back({std::string(d_.path(to_index<ImageIndex>(here))),
                                std::string(d_.path(to_index<ImageIndex>(there))), *other_split(there),
                                evidence_of(links, link)});
    }
    return touched;
  }

  Result<void> make_record() {
    EvaluationRecord record;
    record.program = "vetset " + std::string(version());
    record.truth_name = base_name(source_.only.empty() ? source_.tree->name() : std::string_view(source_.only));
    record.truth_format = source_.format == nullptr ? d_.format : std::string(source_.format->id);
    record.split = options_.split;
    record.truth = counts_of(d_);
    if (options_.identity) {
      VETSET_TRY(const Identities ids, identities(source_, options_.common));
      record.labels_id = ids.labels_id;
      record.dataset_id = ids.dataset_id;
    } else {
      VETSET_TRY(const Identity labels, labels_identity(d_, pool_));
      record.labels_id = labels.id.text();
    }
    record.predictions_format = p_.format;
    record.files = p_.files;
    record.records = p_.records;
    record.left_out = p_.records - std::min<std::uint64_t>(p_.records, out_.result.detections);
    record.images_by = out_.images_matched_by;
    record.classes_by = out_.classes_matched_by;
    record.renamed = options_.classes;
    for (const Unmatched& one : out_.unknown_images) record.unknown_images.push_back({one.name, one.rows, one.where});
    for (const Unmatched& one : out_.unknown_categories)
      record.unknown_classes.push_back({one.name, one.rows, one.where});
    record.images_without_predictions = out_.images_without_predictions;
    record.classes_without_predictions = out_.categories_without_predictions;
    record.classes = out_.categories;
    record.class_ids = out_.category_ids;
    out_.record = to_json(record, out_.result, out_.leaks ? &*out_.leaks : nullptr);
    return {};
  }

  const Source& source_;
  const Dataset& d_;
  Predictions p_;
  const EvaluateOptions& options_;
  const Pool pool_;
  Findings findings_;
  std::vector<SplitIndex> splits_;
  CocoSettings settings_;
  NumberedNames images_, categories_;
  std::vector<std::uint32_t> groups_;  // by number of an image: which are linked
  MatchedNames matched_images_, matched_categories_;
  Evaluation out_;
};

}  // namespace

Result<Evaluation> evaluate(const Source& truth, Predictions predictions, const EvaluateOptions& options) {
  return Evaluator(truth, std::move(predictions), options).evaluate();
}

}  // namespace vetset

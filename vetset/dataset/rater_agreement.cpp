#include "vetset/dataset/rater_agreement.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace vetset {
namespace {

constexpr std::uint32_t all_values = 0xffffffffU;

/// Coefficients of one table of coincidences, with intervals where there are images to draw from.
class Measure {
 public:
  Measure(const ImageCoincidences& images, unsigned draws) : images_(images), whole_(images.sum()) {
    // Large tables have narrow intervals; fewer draws say them as well.
    const double most = 3e8 / static_cast<double>(images.cells.size() + images.values + 1);
    draws_ = std::min(draws, static_cast<unsigned>(std::clamp(most, 100.0, 1e6)));
  }

  const Coincidences& whole() const { return whole_; }

  /// Of α over all values, and of that of each of some.
  void draw(Interval& of_all, std::span<ClassAgreement> classes) const {
    if (draws_ == 0 || images_.images() == 0) return;
    Random random(0);
    std::vector<double> alphas;
    std::vector<std::vector<double>> by_class(classes.size());
    const auto keep = [](std::vector<double>& drawn, double alpha) {
      if (!std::isnan(alpha)) drawn.push_back(alpha);
    };
    for (unsigned draw = 0; draw < draws_; ++draw) {
      const std::vector<std::uint32_t> weights = draw_groups(images_.images(), random);
      const Coincidences drawn = images_.sum(weights);
      keep(alphas, drawn.alpha());
      for (std::size_t k = 0; k < classes.size(); ++k) keep(by_class[k], drawn.alpha(classes[k].value));
    }
    if (!alphas.empty()) of_all = percentile_interval(alphas);
    for (std::size_t k = 0; k < classes.size(); ++k)
      if (!by_class[k].empty()) classes[k].interval = percentile_interval(by_class[k]);
  }

 private:
  const ImageCoincidences& images_;
  Coincidences whole_;
  unsigned draws_ = 0;
};

std::uint64_t units_with_pairs(const Ratings& ratings, std::uint32_t without) {
  return static_cast<std::uint64_t>(std::count_if(ratings.units.begin(), ratings.units.end(), [&](const Unit& u) {
    const auto rows = ratings.of(u);
    return u.rated && std::count_if(rows.begin(), rows.end(), [&](const Rating& r) { return r.value != without; }) > 1;
  }));
}

/// Ratings of each class by themselves.
std::map<CategoryIndex, Ratings> by_tag(const Ratings& ratings) {
  std::map<CategoryIndex, Ratings> parts;
  for (const Unit& unit : ratings.units) {
    Ratings& part = parts[unit.of];
    part.by = RatedBy::tag, part.values = 2;
    Unit own = unit;
    own.begin = static_cast<std::uint32_t>(part.rows.size());
    for (const Rating& r : ratings.of(unit)) part.rows.push_back(r);
    part.units.push_back(own);
  }
  return parts;
}

std::vector<ClassAgreement> tag_agreements(const Dataset& d, const Ratings& ratings, unsigned draws) {
  std::vector<ClassAgreement> classes;
  for (const auto& [category, part] : by_tag(ratings)) {
    const ImageCoincidences images = coincidences(part);
    const Measure measure(images, draws);
    const Coincidences& sum = measure.whole();
    ClassAgreement one{.value = static_cast<std::uint32_t>(category),
                       .name = d[category].name,
                       .ratings = sum.all[1],
                       .alpha = sum.alpha(),
                       .raw = sum.raw()};
    measure.draw(one.interval, {});
    classes.push_back(std::move(one));
  }
  return classes;
}

AgreementOf agreement_of(const Dataset& d, std::string_view what, const Ratings& ratings, std::uint32_t without,
                         const AgreementSettings& settings) {
  const ImageCoincidences images = coincidences(ratings, without);
  const Measure measure(images, settings.draws);
  const Coincidences& sum = measure.whole();
  AgreementOf about{.what = what,
                    .units = units_with_pairs(ratings, without),
                    .images = images.images(),
                    .alpha = sum.alpha(),
                    .raw = sum.raw(),
                    .fleiss = fleiss_kappa(ratings, without)};
  if (ratings.by == RatedBy::tag) {
    about.classes = tag_agreements(d, ratings, settings.draws);
  } else {
    for (std::uint32_t v = 0; v < d.categories.size(); ++v)
      if (sum.all[v] > 0)
        about.classes.push_back({.value = v,
                                 .name = d.categories[v].name,
                                 .ratings = sum.all[v],
                                 .alpha = sum.alpha(v),
                                 .raw = sum.raw(v)});
  }
  measure.draw(about.interval, ratings.by == RatedBy::tag ? std::span<ClassAgreement>() : about.classes);
  about.reliance = reliance(about.alpha, about.interval, about.images);
  return about;
}

AgreementOf agreement_of_boxes(const Dataset& d, const Ratings& ratings, const AgreementSettings& settings) {
  const BoxAlpha box = box_alpha(d, ratings, settings.draws);
  return {.what = "box",
          .units = box.units,
          .images = box.images,
          .alpha = box.alpha,
          .raw = box.raw,
          .interval = box.interval,
          .reliance = reliance(box.alpha, box.interval, box.images)};
}

void add_raters(const Dataset& d, const Raters& raters, const Ratings& ratings, const Consensus& truth,
                RaterAgreement& out) {
  std::vector<RaterStanding> standings = rater_standings(ratings, raters.names.size());
  for (std::size_t r = 0; r < raters.names.size(); ++r)
    out.raters.push_back({.name = raters.names[r], .standing = standings[r], .right = truth.right[r]});
  for (const std::uint32_t r : raters.seen) ++out.raters[r].images;
  for (std::size_t n = 0; n < d.annotations.size(); ++n)
    if (raters.of[n] != Makers::nobody) ++out.raters[raters.of[n]].annotations;
}

void add_details(const Dataset& d, const Raters& raters, const Ratings& images, const Ratings& objects,
                 RaterAgreement& out) {
  // Raters are judged by what they did most of.
  const bool of_images = images.rows.size() > objects.rows.size();
  const Ratings& main = of_images ? images : objects;
  out.pairs = pair_agreements(main);
  out.pairs_of = out.about.empty() ? std::string_view() : of_images ? out.about.front().what : "object";
  for (const Ratings* ratings : {&images, &objects}) {
    const Consensus truth = consensus(*ratings, raters.names.size());
    if (ratings == &main) add_raters(d, raters, main, truth, out);
    const std::vector<Contradicted> found = contradicted(*ratings, truth);
    out.contradictions.insert(out.contradictions.end(), found.begin(), found.end());
    for (const Unit& unit : ratings->units) out.compared += unit.has_given && unit.count > 0 ? 1U : 0U;
  }
}

CategoryIndex category_of(const Ratings& ratings, const Unit& unit, std::uint32_t value) {
  if (ratings.by == RatedBy::tag) return value == 1 ? unit.of : none<CategoryIndex>;
  return value == ratings.missed ? none<CategoryIndex> : to_index<CategoryIndex>(value);
}

}  // namespace

std::string_view name(Reliance r) {
  switch (r) {
    case Reliance::firm: return "firm";
    case Reliance::tentative: return "tentative";
    case Reliance::undecided: return "undecided";
    case Reliance::too_low: return "too-low";
    case Reliance::unknown: break;
  }
  return "unknown";
}

Reliance reliance(double alpha, const Interval& interval, std::uint64_t images) {
  constexpr std::uint64_t fewest_images = 10;
  if (std::isnan(alpha)) return Reliance::unknown;
  if (images < fewest_images) return Reliance::undecided;
  if (interval.low >= firm_alpha) return Reliance::firm;
  if (interval.low >= tentative_alpha) return Reliance::tentative;
  return interval.high < tentative_alpha ? Reliance::too_low : Reliance::undecided;
}

std::vector<Contradicted> contradicted(const Ratings& ratings, const Consensus& truth) {
  std::vector<Contradicted> found;
  for (std::size_t u = 0; u < ratings.units.size(); ++u) {
    const Unit& unit = ratings.units[u];
    if (!unit.has_given || unit.count < 2) continue;  // one rater is no consensus
    const double given = truth.probability(u, unit.given.value);
    const Consensus::Chance best = truth.best(u);
    if (given >= 0.5 || best.probability <= 0.5) continue;
    Contradicted one{.image = unit.image,
                     .given = unit.given.annotation,
                     .proposed = category_of(ratings, unit, best.value),
                     .of = unit.of,
                     .probability = given,
                     .proposed_probability = best.probability,
                     .raters = unit.count};
    for (const Rating& r : ratings.of(unit))
      if (r.value == best.value && one.example == none<AnnotationIndex>) one.example = r.annotation;
    found.push_back(one);
  }
  return found;
}

RaterAgreement rater_agreement(const Dataset& d, const Raters& raters, const AgreementSettings& settings) {
  RaterAgreement out{.by = raters.by, .least_iou = settings.least_iou, .draws = settings.draws};
  for (std::size_t i = 0; i < d.images.size(); ++i) {
    const std::size_t looked = raters.of_image(to_index<ImageIndex>(i)).size();
    out.images += looked > 0 ? 1U : 0U;
    out.shared_images += looked > 1 ? 1U : 0U;
  }
  const Ratings images = image_ratings(d, raters);
  const Ratings objects = object_ratings(d, raters, settings.least_iou);
  for (const Ratings* ratings : {&images, &objects})
    out.shipped = out.shipped ||
                  std::any_of(ratings->units.begin(), ratings->units.end(), [](const Unit& u) { return u.has_given; });
  if (units_with_pairs(images, all_values) > 0)
    out.about.push_back(
        agreement_of(d, images.by == RatedBy::tag ? "image tag" : "image class", images, all_values, settings));
  if (units_with_pairs(objects, all_values) > 0) {
    out.about.push_back(agreement_of(d, "object class", objects, objects.missed, settings));
    out.about.push_back(agreement_of(d, "object", objects, all_values, settings));
    out.about.push_back(agreement_of_boxes(d, objects, settings));
  }
  if (settings.details) add_details(d, raters, images, objects, out);
  return out;
}

}  // namespace vetset

// agreement-v1.json.
#include <cmath>

#include "vetset/base/json.h"
#include "vetset/dataset/rater_agreement.h"

namespace vetset {
namespace {

/// Not a number where there is nothing to say: null.
void add_number(JsonWriter& out, std::string_view key, double value) {
  out.key(key);
  if (std::isnan(value))
    out.null();
  else
    out.value(value);
}

void add_interval(JsonWriter& out, double of, const Interval& interval) {
  out.key("interval");
  if (std::isnan(of)) {
    out.null();
    return;
  }
  out.begin_array().value(interval.low).value(interval.high).end_array();
}

void add_about(JsonWriter& out, const AgreementOf& about) {
  out.begin_object().key("what").value(about.what).key("units").value(about.units).key("images").value(about.images);
  add_number(out, "alpha", about.alpha);
  add_interval(out, about.alpha, about.interval);
  add_number(out, about.what == "box" ? "mean_iou" : "raw", about.raw);
  out.key("reliance").value(name(about.reliance));
  if (about.what != "box") {
    out.key("fleiss").begin_object();
    add_number(out, "kappa", about.fleiss.kappa);
    out.key("units").value(about.fleiss.units).key("ratings").value(about.fleiss.ratings).end_object();
    out.key("classes").begin_array();
    for (const ClassAgreement& c : about.classes) {
      out.begin_object().key("name").value(c.name).key("ratings").value(c.ratings);
      add_number(out, "alpha", c.alpha);
      add_interval(out, c.alpha, c.interval);
      add_number(out, "raw", c.raw);
      out.end_object();
    }
    out.end_array();
  }
  out.end_object();
}

void add_rater(JsonWriter& out, const RaterReport& r) {
  const RaterStanding& s = r.standing;
  out.begin_object().key("name").value(r.name).key("images").value(r.images).key("annotations").value(r.annotations);
  out.key("units").value(s.units);
  add_number(out, "agrees", s.units > 0 ? s.agrees : no_agreement);
  add_number(out, "others_agree", s.units > 0 ? s.others : no_agreement);
  const bool tested = s.units >= RaterStanding::fewest;
  add_number(out, "chance", tested ? s.chance : no_agreement);
  add_number(out, "false_discovery_rate", tested ? s.rate : no_agreement);
  out.key("deviates").value(s.deviates()).key("missed").value(s.missed).key("alone").value(s.alone);
  add_number(out, "probably_right", r.right);
  out.end_object();
}

void add_class(JsonWriter& out, const Dataset& d, std::string_view key, CategoryIndex c) {
  out.key(key);
  if (c == none<CategoryIndex>)
    out.null();
  else
    out.value(d[c].name);
}

void add_contradiction(JsonWriter& out, const Dataset& d, const Contradicted& c) {
  out.begin_object().key("image").value(d.path(c.image)).key("annotation");
  if (c.given == none<AnnotationIndex>)
    out.null();
  else if (const std::string id = d.id_json(d.annotation_ids, to_size(c.given)); !id.empty())
    out.raw(id);
  else
    out.value(std::uint64_t{to_size(c.given)});
  add_class(out, d, "given", c.given == none<AnnotationIndex> ? none<CategoryIndex> : d[c.given].category);
  add_class(out, d, "proposed", c.proposed);
  if (c.of != none<CategoryIndex>) add_class(out, d, "of", c.of);
  out.key("probability").value(c.probability).key("proposed_probability").value(c.proposed_probability);
  out.key("raters").value(c.raters).end_object();
}

}  // namespace

std::string to_json(const RaterAgreement& a, const Dataset& d, std::string_view program, std::string_view source) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().key("vetset-agreement").value(1).key("program").value(program).key("source").value(source);
  out.key("by").value(a.by).key("images").value(a.images).key("shared_images").value(a.shared_images);
  out.key("least_iou").value(a.least_iou).key("draws").value(a.draws).key("about").begin_array();
  for (const AgreementOf& about : a.about) add_about(out, about);
  out.end_array().key("raters").begin_array();
  for (const RaterReport& r : a.raters) add_rater(out, r);
  out.end_array().key("pairs").begin_array();
  for (const PairAgreement& p : a.pairs) {
    out.begin_object().key("of").value(a.pairs_of);
    out.key("first").value(a.raters[p.first].name).key("second").value(a.raters[p.second].name);
    out.key("units").value(p.units);
    add_number(out, "raw", p.raw);
    add_number(out, "kappa", p.kappa);
    out.end_object();
  }
  out.end_array().key("shipped").begin_object().key("compared").value(a.compared).key("contradicted").begin_array();
  for (const Contradicted& c : a.contradictions) add_contradiction(out, d, c);
  out.end_array().end_object().end_object();
  return canonical_written(text);
}

}  // namespace vetset

#include "vetset/dataset/queue.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <tuple>

#include "vetset/base/json.h"
#include "vetset/base/random.h"

namespace vetset {
namespace {

constexpr std::uint64_t deciles = 10;

/// So many of `size`, each as likely as any other, rising.
std::vector<std::uint64_t> drawn(std::uint64_t size, std::uint64_t count, Random& random) {
  std::vector<std::uint64_t> chosen;
  for (std::uint64_t i = 0; i < size && chosen.size() < count; ++i)
    if (random.unit() * static_cast<double>(size - i) < static_cast<double>(count - chosen.size())) chosen.push_back(i);
  return chosen;
}

// The document.

void write_interval(JsonWriter& out, std::string_view key, const Interval& i) {
  out.key(key).begin_array().value(i.low).value(i.high).end_array();
}

void write_item(JsonWriter& out, const QueueItem& item) {
  out.begin_object().key("key").value(item.key).key("codes").begin_array();
  for (const std::string& code : item.codes) out.value(code);
  out.end_array().key("rank").value(item.rank).key("score").value(item.score);
  out.key("inclusion").value(item.inclusion).key("chance").begin_array().value(item.least).value(item.most).end_array();
  out.key("image").value(item.image).key("object").value(item.object);
  if (!item.annotation.empty()) out.key("annotation").raw(item.annotation);
  if (!item.given.empty()) out.key("given").value(item.given);
  if (!item.proposed.empty()) out.key("proposed").value(item.proposed);
  if (item.has_box()) {
    out.key("box").begin_array();
    for (const double number : {item.box.x, item.box.y, item.box.width, item.box.height}) out.value(number);
    out.end_array();
  }
  if (item.confidence > 0) out.key("confidence").value(item.confidence);
  out.end_object();
}

Error malformed(std::string what) {
  return {Code::malformed, "queue: " + std::move(what) + "; 'vetset queue' writes one beside what it hands over"};
}

std::uint64_t count_at(const Json& json, std::string_view key) {
  const double number = json.at(key).number();
  constexpr double most = 9007199254740992.0;
  return number >= 0 && number <= most ? static_cast<std::uint64_t>(number) : 0;
}

/// Two numbers; zeros where there are none.
Interval pair_at(const Json& json, std::string_view key) {
  const std::vector<Json>& two = json.at(key).elements();
  return two.size() == 2 ? Interval{two[0].number(), two[1].number()} : Interval{};
}

Result<QueueItem> item_of(const Json& json, std::size_t number) {
  QueueItem item;
  item.key = json.text_or("key", "");
  item.image = json.text_or("image", "");
  item.rank = count_at(json, "rank");
  for (const Json& code : json.at("codes").elements()) item.codes.emplace_back(code.text());
  if (item.key.empty() || item.image.empty() || item.rank == 0 || item.codes.empty())
    return malformed("item " + std::to_string(number) + " lacks 'key', 'image', 'rank' or 'codes'");
  item.score = json.at("score").number();
  item.inclusion = json.at("inclusion").number();
  const Interval chance = pair_at(json, "chance");
  item.least = chance.low, item.most = chance.high;
  item.object = json.at("object").boolean();
  if (const Json* id = json.find("annotation")) {
    if (id->type() == JsonType::string) append_json_string(item.annotation, id->text());
    if (id->type() == JsonType::number) item.annotation = id->text();
  }
  item.given = json.text_or("given", "");
  item.proposed = json.text_or("proposed", "");
  if (const std::vector<Json>& box = json.at("box").elements(); box.size() == 4)
    item.box = {box[0].number(), box[1].number(), box[2].number(), box[3].number()};
  item.confidence = json.at("confidence").number();
  return item;
}

}  // namespace

Result<std::vector<RankedSuspect>> rank(const Suspects& suspects) {
  struct Place {
    std::size_t turn = 0, row = 0;
  };
  std::vector<std::size_t> order(suspects.rows.size());
  std::iota(order.begin(), order.end(), 0U);
  for (std::size_t i = 0; i < suspects.rows.size(); ++i)
    if (!std::isfinite(suspects.rows[i].score))
      return Error{Code::malformed, "suspect " + std::to_string(i + 1) + " (" + std::string(suspects.rows[i].code) +
                                        ") has a score that is no finite number"};
  const auto by_score = [&](std::size_t a, std::size_t b) {
    const Suspect &x = suspects.rows[a], &y = suspects.rows[b];
    return std::tie(y.score, x.code, x.image, x.annotation) < std::tie(x.score, y.code, y.image, y.annotation);
  };
  std::stable_sort(order.begin(), order.end(), by_score);
  std::map<std::string_view, std::size_t> turns;
  std::vector<Place> places;
  for (const std::size_t row : order) places.push_back({turns[suspects.rows[row].code]++, row});
  std::stable_sort(places.begin(), places.end(), [&](const Place& a, const Place& b) {
    return std::tie(a.turn, suspects.rows[a.row].code) < std::tie(b.turn, suspects.rows[b.row].code);
  });
  std::vector<RankedSuspect> ranked;
  std::map<AnnotationIndex, std::size_t> known;
  for (const Place& place : places) {
    const Suspect& s = suspects.rows[place.row];
    if (s.annotation != none<AnnotationIndex>) {
      const auto [at, is_new] = known.emplace(s.annotation, ranked.size());
      if (!is_new) {
        std::vector<std::string_view>& codes = ranked[at->second].codes;
        if (std::find(codes.begin(), codes.end(), s.code) == codes.end()) codes.push_back(s.code);
        continue;
      }
    }
    ranked.push_back({&s, {s.code}});
  }
  return ranked;
}

QueuePlan plan_queue(std::uint64_t suspects, std::uint64_t top, std::uint64_t sample, std::uint64_t seed) {
  QueuePlan plan;
  top = std::min(top, suspects);
  if (top > 0) plan.strata.push_back({.first = 1, .last = top, .taken = top});
  for (std::uint64_t rank = 1; rank <= top; ++rank) plan.ranks.push_back(rank);
  const std::uint64_t rest = suspects - top;
  if (rest == 0) return plan;
  const std::uint64_t runs = std::min(deciles, rest);
  sample = std::min(sample, rest);
  Random random(seed);
  std::uint64_t spare = 0;  // what a run was too short for goes to the next
  for (std::uint64_t k = 0; k < runs; ++k) {
    Stratum s{.first = top + 1 + rest * k / runs, .last = top + rest * (k + 1) / runs};
    const std::uint64_t wanted = sample * (k + 1) / runs - sample * k / runs + spare;
    s.taken = std::min(wanted, s.size());
    spare = wanted - s.taken;
    for (const std::uint64_t i : drawn(s.size(), s.taken, random)) plan.ranks.push_back(s.first + i);
    plan.strata.push_back(s);
  }
  return plan;
}

std::string to_json(const Queue& queue) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().key("vetset-queue").value(Queue::version).key("program").value(queue.program);
  out.key("dataset").begin_object().key("labels_id").value(queue.labels_id).key("format").value(queue.format);
  out.key("images").value(queue.counts.images).key("annotations").value(queue.counts.annotations).end_object();
  out.key("predictions").begin_array();
  for (const FileDigest& file : queue.predictions)
    out.begin_object()
        .key("path")
        .value(file.path)
        .key("bytes")
        .value(file.bytes)
        .key("sha256")
        .value(file.digest.hex())
        .end_object();
  out.end_array().key("out_of_fold").value(queue.out_of_fold).key("looked_at").value(queue.looked_at);
  out.key("suspects").value(queue.suspects).key("seed").value(std::to_string(queue.seed)).key("strata").begin_array();
  for (const Stratum& s : queue.strata)
    out.begin_object()
        .key("ranks")
        .begin_array()
        .value(s.first)
        .value(s.last)
        .end_array()
        .key("taken")
        .value(s.taken)
        .end_object();
  out.end_array().key("forecasts").begin_array();
  for (const Forecast& f : queue.forecasts) {
    out.begin_object().key("first").value(f.first).key("known").value(f.known);
    out.key("expected").begin_array().value(f.least).value(f.most).end_array();
    write_interval(out, "interval", f.interval);
    out.end_object();
  }
  out.end_array().key("items").begin_array();
  for (const QueueItem& item : queue.items) write_item(out, item);
  out.end_array().end_object();
  return canonical_written(text);
}

Result<Queue> parse_queue(std::string_view text) {
  auto parsed = Json::parse(text);
  if (!parsed) return malformed("expected JSON: " + parsed.error().message);
  const Json* version = parsed->find("vetset-queue");
  if (version == nullptr || version->type() != JsonType::number) return malformed("found no 'vetset-queue' in it");
  if (version->number() != Queue::version)
    return Error{Code::unsupported, "is a queue of version " + std::string(version->text()) +
                                        "; this vetset reads version " + std::to_string(Queue::version)};
  Queue queue;
  queue.program = parsed->text_or("program", "");
  const Json& dataset = parsed->at("dataset");
  queue.labels_id = dataset.text_or("labels_id", "");
  queue.format = dataset.text_or("format", "");
  queue.counts.images = count_at(dataset, "images");
  queue.counts.annotations = count_at(dataset, "annotations");
  for (const Json& file : parsed->at("predictions").elements()) {
    VETSET_TRY(const Digest digest, parse_digest(file.text_or("sha256", "")));
    queue.predictions.push_back({std::string(file.text_or("path", "")), count_at(file, "bytes"), digest});
  }
  queue.out_of_fold = parsed->at("out_of_fold").boolean();
  queue.looked_at = count_at(*parsed, "looked_at");
  queue.suspects = count_at(*parsed, "suspects");
  for (const char c : parsed->text_or("seed", "0"))
    if (c >= '0' && c <= '9') queue.seed = queue.seed * 10 + static_cast<std::uint64_t>(c - '0');
  std::uint64_t next = 1, taken = 0;
  for (const Json& s : parsed->at("strata").elements()) {
    const Interval ranks = pair_at(s, "ranks");
    Stratum stratum{static_cast<std::uint64_t>(std::max(ranks.low, 0.0)),
                    static_cast<std::uint64_t>(std::max(ranks.high, 0.0)), count_at(s, "taken")};
    if (stratum.first != next || stratum.last < stratum.first || stratum.taken > stratum.size())
      return malformed("its strata do not follow one another");
    next = stratum.last + 1;
    taken += stratum.taken;
    queue.strata.push_back(stratum);
  }
  for (const Json& f : parsed->at("forecasts").elements()) {
    const Interval expected = pair_at(f, "expected");
    queue.forecasts.push_back({.first = count_at(f, "first"),
                               .least = expected.low,
                               .most = expected.high,
                               .interval = pair_at(f, "interval"),
                               .known = f.at("known").boolean()});
  }
  std::uint64_t last = 0;
  for (const Json& json : parsed->at("items").elements()) {
    VETSET_TRY(QueueItem item, item_of(json, queue.items.size() + 1));
    if (item.rank <= last || item.rank >= next)
      return malformed("item " + std::to_string(queue.items.size() + 1) + " has a rank out of order");
    last = item.rank;
    queue.items.push_back(std::move(item));
  }
  if (queue.labels_id.empty()) return malformed("does not say of which labels it is");
  if (queue.items.size() != taken || next != queue.suspects + 1)
    return malformed("its items are not those that its strata speak of");
  return queue;
}

}  // namespace vetset

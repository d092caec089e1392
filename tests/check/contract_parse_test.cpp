// What a contract may say, and where it is told that it may not.
#include "vetset/check/contract_parse.h"

#include <doctest/doctest.h>

#include <string>

using namespace vetset;

namespace {

const std::string head = "vetset: 1\n";

Error wrong(const std::string& text) {
  const auto c = parse_contract(text, "c.yaml");
  REQUIRE_MESSAGE(!c, text);
  return c.error();
}
Contract right(const std::string& text) {
  auto c = parse_contract(text, "c.yaml");
  REQUIRE_MESSAGE(c, to_string(c.error()));
  return *std::move(c);
}
std::string in_factor(const std::string& rest) {
  return head + "factors:\n  light: {from: pixel.luma_p50, " + rest + "}\n";
}

constexpr const char* whole = R"(vetset: 1
dataset: road-signs
unit: group
factors:
  light:    {from: pixel.luma_p50, bins: {night: "<0.18", dusk: "0.18..0.35", day: ">=0.35"}}
  hour:     {from: exif.solar_hour, bins: [0,6,10,16,20,24], unknown: allow<=20%}
  camera:   {from: exif.model, levels: [A, B, C], other: error}
  place:    {from: exif.gps, geohash: 5}
  blur:     {from: img501.rank, bins: {sharp: ">=0.05", soft: "<0.05"}}
  size:     {from: box.sqrt_area_px, bins: {xs: "<16", s: "16..32", m: "32..96", l: ">=96"}}
  weather:  {from: attribute.weather, levels: [clear, rain, snow, fog]}
constraints:
  - not: {hour: "0..6", light: day}
coverage:
  - bins:   {factors: [light, weather], min_groups: 20}
  - pair:   {class: each, with: [size, light], min_objects: 50, mostly: 0.95}
  - t_way:  {factors: [light, weather, camera, size], t: 2, min: 5, at_least: 0.98}
  - t_way:  {factors: "*", t: 3, report: true}
  - sdcc:   {from: test, minus: train, t: 2, at_most: 0.02}
  - balance: {factor: place, max_share: 0.25}
  - embedding: {ref: ops.npy, model: "sha256:0000000000000000000000000000000000000000000000000000000000000000", coverage_at: 5, at_least: null-q01}
  - metric_power: {per: class, split: test, half_width: 0.05}
labels:
  - implies: {class: rider, needs: bicycle}
  - requires: {class: car, attributes: [colour]}
  - excludes: {classes: [day, night]}
rules:
  - {code: X001, for: annotation, where: "box.width < 4", message: is too thin to see, severity: warning}
split: {policy: grouped, ratios: [0.8,0.1,0.1], group_by: [sequence, site, near_dup], stratify: [class, light]}
severity: {COV205: error, IMG501: off}
waivers:
  - {rule: COV204, where: {weather: snow, camera: C}, reason: "camera C sold after winter", by: ana, until: 2027-03-31}
)";

}  // namespace

TEST_CASE("a whole contract is read") {
  const Contract c = right(whole);
  CHECK(c.factors.size() == 7);
  CHECK(c.find("place")->from == "exif.geohash.5");
  CHECK(*c.find("hour")->most_unknown == doctest::Approx(0.2));
  CHECK(c.find("hour")->levels == std::vector<std::string>{"0..6", "6..10", "10..16", "16..20", "20..24"});
  CHECK(c.find("camera")->other == ContractFactor::Other::error);
  CHECK(c.find("blur")->bins.front().level == 1);  // by their numbers: soft first
  CHECK(c.constraints.size() == 1);
  CHECK(c.waivers.front().until == "2027-03-31");
  CHECK(c.needs_pixels());
  std::string kinds;
  for (const Clause& clause : c.clauses) kinds += std::string(name(clause.kind)) + " ";
  CHECK(kinds ==
        "unknown other ratios impossible bins pair t_way t_way sdcc balance embedding metric_power labels labels "
        "labels labels ");
  CHECK(c.clauses.back().code == "X001");
  CHECK(c.severities.size() == 2);
  CHECK_FALSE(c.severities[1].second);
}

TEST_CASE("the digest of a contract is that of what it says, not of how it is written") {
  const Contract a = right("# why\nvetset: 1\nfactors:\n  w: {from: suffix, levels: [a, b]}\n");
  const Contract b = right("factors:\n  w:\n    levels:\n      - a\n      - b\n    from: 'suffix'\nvetset: 1\n");
  const Contract c = right("vetset: 1\nfactors:\n  w: {from: suffix, levels: [b, a]}\n");
  CHECK(a.canonical == R"({"factors":{"w":{"from":"suffix","levels":["a","b"]}},"vetset":1})");
  CHECK(a.digest == b.digest);
  CHECK(a.digest != c.digest);
}

TEST_CASE("an unknown key is CFG001, with its place and the key it resembles") {
  const Error e = wrong("vetset: 1\nunit: group\ncovrage: []\n");
  CHECK(to_string(e) == "c.yaml:3:1: CFG001: nothing is called 'covrage' in a contract (did you mean 'coverage'?)");
  CHECK(to_string(wrong(head + "factors:\n  a: {form: suffix}\n")) ==
        "c.yaml:3:7: CFG001: nothing is called 'form' in factor 'a' (did you mean 'from'?)");
  CHECK(wrong(head + "coverage:\n  - t_wya: {t: 2}\n")
            .message.starts_with("CFG001: no clause is called 't_wya' (did you mean 't_way'?)"));
}

TEST_CASE("bins hold every number once, or the contract is refused") {
  CHECK(wrong(in_factor("bins: {a: \"<0.2\", b: \">=0.3\"}")).message == "bins of 'light' leave out 0.2..0.3");
  CHECK(wrong(in_factor("bins: {a: \"<0.3\", b: \">=0.2\"}")).message ==
        "bins of 'light' overlap: 'a' and 'b' both hold 0.2..0.3");
  CHECK(wrong(in_factor("bins: {a: \"0..0.3\", b: \">=0.3\"}")).message ==
        "bins of 'light' leave out what is below 0; expected a bin \"<0\"");
  CHECK(wrong(in_factor("bins: {a: \"<0.3\", b: \"0.3..1\"}")).message ==
        "bins of 'light' leave out what is from 1 on; expected a bin \">=1\"");
  CHECK(wrong(in_factor("bins: {a: \"<=0.3\", b: \">0.3\"}")).message ==
        "bins: '<=0.3' is closed at the upper end; expected \"<a\", \"a..b\" or \">=b\"");
  CHECK(wrong(in_factor("bins: {a: \"0.3..0.3\"}")).message == "bins: '0.3..0.3' holds nothing");
  CHECK(wrong(in_factor("bins: [1, 1]")).message == "bins: expected ascending edges, found 1 after 1");
  CHECK(right(head + "factors:\n  h: {from: exif.hour, bins: {night: [\"0..6\", \"20..24\"], day: \"6..20\"}}\n")
            .factors[0]
            .levels.size() == 2);  // hours end at 24, and night is two intervals
}

TEST_CASE("what makes no sense is told at its line and column") {
  for (const auto& [text, message] : std::vector<std::pair<std::string, std::string>>{
           {"[1, 2]", "c.yaml:1:1: expected a contract: keys with values, 'vetset: 1' first"},
           {"unit: group\n", "c.yaml:1:1: expected 'vetset: 1', the version of this form"},
           {"vetset: 2\n", "c.yaml:1:9: expected version 1 of this form, found '2'; a newer vetset may read it"},
           {head + "unit: groups\n", "c.yaml:2:7: unit: expected group or image, found 'groups'"},
           {head + "factors:\n  class: {from: suffix}\n",
            "c.yaml:3:3: 'class' cannot be the name of a factor: class and split are there already, * is all"},
           {head + "factors:\n  a: {from: sufix}\n",
            "c.yaml:3:13: no factor is called 'sufix' (did you mean 'suffix'?)"},
           {head + "factors:\n  a: {from: box.aspect}\n",
            "c.yaml:3:3: factor 'a' is a number (box.aspect): say its bins, like {low: \"<5\", high: \">=5\"}"},
           {head + "factors:\n  a: {from: suffix, bins: [1, 2]}\n",
            "c.yaml:3:27: factor 'a' has no numbers to bin (suffix): say its levels"},
           {head + "factors:\n  a: {from: suffix, unknown: some}\n",
            "c.yaml:3:30: unknown: expected allow, error or a limit like allow<=20%, found 'some'"},
           {head + "coverage:\n  - bins: {factors: [light], min_groups: 5}\n",
            "c.yaml:3:22: no factor here is called 'light'; 'factors' declares them"},
           {head + "coverage:\n  - balance: {factor: class}\n",
            "c.yaml:3:5: balance: expected max_share: 0.25 or max_hhi: 0.25"},
           {head + "coverage:\n  - balance: {factor: class, max_share: 25}\n",
            "c.yaml:3:41: max_share: expected a number from 0 to 1, found 25"},
           {head + "coverage:\n  - t_way: {factors: [class], t: 2, at_least: 1}\n",
            "c.yaml:3:5: t_way: expected at least t = 2 factors, found 1"},
           {head + "coverage:\n  - sdcc: {from: test, at_most: 0}\n",
            "c.yaml:3:5: sdcc: expected two splits, {from: test, minus: train}"},
           {head + "factors:\n  a: {from: suffix, levels: [x, y]}\nconstraints:\n  - not: {a: z, class: c}\n",
            "c.yaml:5:14: 'z' is no level of 'a'; it has x, y"},
           {head + "factors:\n  a: {from: suffix, levels: [x, y]}\nconstraints:\n  - not: {a: [x, y]}\n",
            "c.yaml:5:5: this leaves no level of 'a' possible: nothing could meet it"},
           {head + "severity: {COV999: error}\n", "c.yaml:2:12: no rule is called 'COV999'"},
           {head + "severity: {COV205: fatal}\n", "c.yaml:2:20: "},
           {head + "waivers:\n  - {rule: COV204}\n",
            "c.yaml:3:5: a waiver has a reason: who reads it later should know why"},
           {head + "waivers:\n  - {rule: COV204, reason: r, until: soon}\n",
            "c.yaml:3:38: until: expected a day like 2027-03-31, found 'soon'"},
           {head + "rules:\n  - {code: Y1, where: \"crowd\", message: m}\n",
            "c.yaml:3:12: code: expected X and three digits, X001, found 'Y1'"},
           {head + "rules:\n  - {code: X001, where: \"box.widht < 4\", message: m}\n",
            "c.yaml:3:25: 'box.widht < 4', column 1: "},
           {head + "split: {ratios: [0.8, 0.1]}\n", "c.yaml:2:17: ratios: expected shares that add up to 1"},
           {head + "labels:\n  - implies: {class: rider}\n",
            "c.yaml:3:5: implies: expected {class: rider, needs: bicycle} or {if: …, then: …}"},
           {head + "unit: group\nunit: image\n", "c.yaml:3:1: 'unit' stands twice in a contract"},
       }) {
    CAPTURE(text);
    const std::string told = to_string(wrong(text));
    CAPTURE(told);
    CHECK(told.starts_with(message));
  }
}

TEST_CASE("no text brings the reader of contracts down") {
  const std::string text = whole;
  for (std::size_t cut = 0; cut < text.size(); cut += 7) {
    std::string odd = text;
    odd[cut] = cut % 3 == 0 ? '[' : cut % 3 == 1 ? ':' : '\xff';
    for (const std::string& broken : {text.substr(0, cut), odd}) {
      const auto read = parse_contract(broken, "c.yaml");
      if (!read) CHECK(!read.error().message.empty());
    }
  }
}

#include "vetset/dataset/factors.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "vetset/base/json.h"
#include "vetset/base/nearest.h"
#include "vetset/base/number.h"
#include "vetset/dataset/factor_values.h"

namespace vetset {
namespace {

/// What stands in place of "*" where the name is of that kind; nothing where it is of another.
std::optional<std::string_view> rest_of(std::string_view kind, std::string_view name) {
  if (kind == name) return std::string_view();
  if (!kind.ends_with('*')) return std::nullopt;
  const std::string_view stem = kind.substr(0, kind.size() - 1);
  if (!name.starts_with(stem) || name.size() == stem.size()) return std::nullopt;
  return name.substr(stem.size());
}

std::string number_text(double value) {
  std::string text;
  append_number(text, value);
  return text;
}

Error unknown_factor(std::string_view name) {
  std::vector<std::string> known;
  for (const FactorKind& kind : factor_kinds()) known.emplace_back(kind.name);
  return {Code::usage, "no factor is called '" + std::string(name) + "'" + did_you_mean(name, known)};
}

/// Whether at least two different values are known.
bool varies(const Factor& f) {
  const std::size_t n = f.size();
  std::size_t first = 0;
  while (first < n && !f.known(first)) ++first;
  for (std::size_t i = first + 1; i < n; ++i)
    if (f.known(i) && (f.numeric ? f.numbers[i] != f.numbers[first] : f.levels[i] != f.levels[first])) return true;
  return false;
}

/// The keys of attributes that some record of that owner has, sorted.
std::set<std::string> attribute_keys(const Dataset& d, Owner owner) {
  std::set<std::string> keys;
  std::string_view last;
  for (const Attribute& a : d.attributes) {
    if (a.owner != owner || d.text(a.key) == last) continue;
    last = d.text(a.key);
    keys.emplace(last);
  }
  return keys;
}

/// Keys of image records that say the same of many images ("weather", not "flickr_url"): what could be a condition.
std::set<std::string> condition_keys(const Dataset& d) {
  constexpr std::size_t most_levels = 32;
  std::map<std::string, std::map<std::string_view, std::uint64_t>> values;
  for (const Residue& residue : d.residues) {
    if (residue.owner != Owner::image) continue;
    JsonCursor in(d.text(residue.json));
    for (in.enter_object(); in.next_member();) {
      const std::string key(in.key());
      const JsonType type = in.type();
      const bool plain = type == JsonType::string || type == JsonType::boolean || type == JsonType::number;
      const std::string_view value = in.skip();
      if (!plain) continue;
      auto& levels = values[key];
      if (levels.size() <= most_levels) ++levels[value];
    }
  }
  std::set<std::string> keys;
  for (const auto& [key, levels] : values) {
    std::uint64_t records = 0;
    for (const auto& [value, count] : levels) records += count;
    if (levels.size() > 1 && levels.size() <= most_levels && records >= 2 * levels.size()) keys.insert(key);
  }
  return keys;
}

}  // namespace

std::span<const FactorKind> factor_kinds() {
  static const std::vector<FactorKind> kinds = [] {
    std::vector<FactorKind> all;
    for (const FactorSource& source : factor_sources()) all.push_back(source.kind);
    return all;
  }();
  return kinds;
}

Result<Factor> factor(const FactorSources& from, std::string_view name) {
  for (const FactorSource& source : factor_sources()) {
    const auto rest = rest_of(source.kind.name, name);
    if (!rest) continue;
    if (source.kind.pixels && from.pixels.empty() && !from.dataset.images.empty())
      return Error{Code::usage,
                   "factor '" + std::string(name) + "' needs the images decoded, and they were not (--pixels)"};
    Factor f{.name = std::string(name),
             .of = source.kind.of,
             .numeric = source.kind.numeric,
             .numbers = {},
             .levels = {},
             .names = {}};
    const std::size_t n = f.of == FactorOf::image ? from.dataset.images.size() : from.dataset.annotations.size();
    if (f.numeric)
      f.numbers.assign(n, std::numeric_limits<double>::quiet_NaN());
    else
      f.levels.assign(n, Factor::unknown);
    source.take(from, *rest, f);
    return f;
  }
  return unknown_factor(name);
}

std::vector<Factor> factors(const FactorSources& from) {
  return factors(from, [](const FactorKind&) { return true; });
}

std::vector<Factor> factors(const FactorSources& from, const std::function<bool(const FactorKind&)>& wanted) {
  std::vector<Factor> all;
  const auto take = [&](std::string_view name) {
    if (auto one = factor(from, name); one && varies(*one)) all.push_back(*std::move(one));
  };
  for (const FactorKind& kind : factor_kinds()) {
    if (!wanted(kind)) continue;
    if (!kind.name.ends_with('*'))
      take(kind.name);
    else if (kind.name == "exif.geohash.*")
      take("exif.geohash.5");
    else if (kind.name == "image.attribute.*") {
      std::set<std::string> keys = attribute_keys(from.dataset, Owner::image);
      keys.merge(condition_keys(from.dataset));
      for (const std::string& key : keys) take("image.attribute." + key);
    } else if (kind.name == "object.attribute.*")
      for (const std::string& key : attribute_keys(from.dataset, Owner::annotation)) take("object.attribute." + key);
  }
  return all;
}

Factor binned(const Factor& numeric, std::span<const double> cuts) {
  Factor f{.name = numeric.name, .of = numeric.of, .numeric = false, .numbers = {}, .levels = {}, .names = {}};
  if (cuts.empty()) {
    f.names = {"any"};
  } else {
    f.names.push_back("<" + number_text(cuts.front()));
    for (std::size_t k = 1; k < cuts.size(); ++k)
      f.names.push_back(number_text(cuts[k - 1]) + ".." + number_text(cuts[k]));
    f.names.push_back(">=" + number_text(cuts.back()));
  }
  f.levels.reserve(numeric.numbers.size());
  for (const double value : numeric.numbers) {
    const auto above = static_cast<std::uint32_t>(std::upper_bound(cuts.begin(), cuts.end(), value) - cuts.begin());
    f.levels.push_back(std::isnan(value) ? Factor::unknown : above);
  }
  return f;
}

std::vector<double> even_cuts(const Factor& numeric, unsigned count) {
  std::vector<double> known;
  for (const double value : numeric.numbers)
    if (!std::isnan(value)) known.push_back(value);
  std::sort(known.begin(), known.end());
  std::vector<double> cuts;
  for (unsigned k = 1; k < count && !known.empty(); ++k) {
    const double cut = known[known.size() * k / count];
    // A cut at the least value would leave the first bin empty.
    if (cut > known.front() && (cuts.empty() || cut > cuts.back())) cuts.push_back(cut);
  }
  return cuts;
}

}  // namespace vetset

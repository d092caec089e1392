#include <algorithm>
#include <iterator>
#include <map>
#include <vector>

#include "vetset/base/unicode.h"
#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/dataset.h"

namespace vetset {
namespace {

/// "person" → "persons", "box" → "boxes", "berry" → "berries".
bool is_plural_of(std::string_view many, std::string_view one) {
  if (many.starts_with(one)) return many.substr(one.size()) == "s" || many.substr(one.size()) == "es";
  if (!one.ends_with('y') || !many.ends_with("ies")) return false;
  return one.substr(0, one.size() - 1) == many.substr(0, many.size() - 3);
}

bool differ_in_digits_only(std::string_view a, std::string_view b) {
  const auto without_digits = [](std::string_view text) {
    std::string rest;
    std::copy_if(text.begin(), text.end(), std::back_inserter(rest), [](char c) { return c < '0' || c > '9'; });
    return rest;
  };
  return without_digits(a) == without_digits(b);
}

/// Short names are often one letter apart ("cat", "car"), numbered ones always.
bool look_alike(std::string_view a, std::string_view b) {
  constexpr std::size_t shortest = 5;
  if (is_plural_of(a.size() > b.size() ? a : b, a.size() > b.size() ? b : a)) return true;
  if (std::min(a.size(), b.size()) < shortest) return false;
  if (std::max(a.size(), b.size()) - std::min(a.size(), b.size()) > 4)
    return false;  // one code point is 4 bytes at most
  return edit_distance(a, b, 1) <= 1 && !differ_in_digits_only(a, b);
}

void check_class_name_collision(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  constexpr std::size_t most = 5'000;  // every pair is looked at only up to here
  std::vector<std::string> folded;
  folded.reserve(d.categories.size());
  std::map<std::string_view, std::size_t> first;
  for (const Category& category : d.categories) folded.push_back(fold(category.name));
  for (std::size_t j = 0; j < folded.size(); ++j) {
    const std::string name = quoted(d.categories[j].name);
    const auto [same, is_new] = first.emplace(folded[j], j);
    if (!is_new) {
      report(to_index<CategoryIndex>(j),
             "classes " + quoted(d.categories[same->second].name) + " and " + name + " read as one name",
             "merge them, or name them apart");
      continue;
    }
    if (folded.size() > most) continue;
    for (std::size_t i = 0; i < j; ++i) {
      if (!look_alike(folded[i], folded[j])) continue;
      report.with(Severity::note, EvidenceClass::hint, to_index<CategoryIndex>(j),
                  "classes " + quoted(d.categories[i].name) + " and " + name + " look like one name, spelled twice",
                  "merge them if they are one");
      break;
    }
  }
}

}  // namespace

extern const Rule class_name_collision{.code = "LBL109",
                                       .name = "class-name-collision",
                                       .title = "two classes have what people read as one name",
                                       .severity = Severity::warning,
                                       .evidence = EvidenceClass::proof,
                                       .check = check_class_name_collision};

}  // namespace vetset

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "vetset/base/tree.h"
#include "vetset/check/leaks.h"
#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/repeated.h"
#include "vetset/dataset/shown_path.h"

namespace vetset {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The file's name without folder, extension, and what copying puts behind it: "a (1).jpg", "a-copy2.png",
/// "a.rf.0f3a….jpg" are all "a".
std::string plain_name(std::string_view path) {
  std::string name(path.substr(path.rfind('/') + 1));
  for (char& c : name)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  if (const auto dot = name.rfind('.'); dot != std::string::npos && dot > 0) name.resize(dot);
  if (const auto made = name.find(".rf."); made != std::string::npos && made > 0) name.resize(made);
  for (bool cut = true; cut;) {
    cut = false;
    if (name.ends_with(')')) {
      const auto open = name.rfind('(');
      if (open != std::string::npos && open > 0 && name.size() - open > 2 &&
          std::all_of(name.begin() + static_cast<std::ptrdiff_t>(open) + 1, name.end() - 1, is_digit)) {
        name.resize(open);
        cut = true;
      }
    }
    while (name.size() > 1 && (name.ends_with(' ') || name.ends_with('-') || name.ends_with('_'))) name.pop_back();
    for (const std::string_view mark : {"copy", "dup", "duplicate"}) {
      std::size_t end = name.size();
      while (end > 0 && is_digit(name[end - 1])) --end;
      const std::string_view rest = std::string_view(name).substr(0, end);
      if (rest.size() <= mark.size() || !rest.ends_with(mark)) continue;
      const char before = rest[rest.size() - mark.size() - 1];
      if (before != ' ' && before != '-' && before != '_') continue;
      name.resize(rest.size() - mark.size() - 1);
      cut = true;
    }
  }
  return name;
}

/// A name as what stands before its last number, and that number; -1 where it ends in none.
struct Numbered {
  std::string before;
  std::int64_t number = -1;
  auto operator<=>(const Numbered&) const = default;
};

Numbered numbered(const std::string& name) {
  constexpr std::size_t most = 15;
  std::size_t begin = name.size();
  while (begin > 0 && is_digit(name[begin - 1]) && name.size() - begin < most) --begin;
  if (begin == name.size()) return {name};
  std::int64_t number = 0;
  for (std::size_t k = begin; k < name.size(); ++k) number = number * 10 + (name[k] - '0');
  return {name.substr(0, begin), number};
}

/// How many of the images are called so that nothing ties their names together: copies of one name count once, and so
/// do numbers that follow each other, as a camera that sees nothing move gives them.
std::uint64_t unrelated_names(const Dataset& d, std::span<const ImageIndex> images) {
  std::set<Numbered> names;
  for (const ImageIndex i : images) names.insert(numbered(plain_name(d.path(i))));
  std::uint64_t count = 0;
  const Numbered* last = nullptr;
  for (const Numbered& name : names) {
    const bool follows =
        last != nullptr && last->before == name.before && name.number >= 0 && name.number == last->number + 1;
    count += !follows;
    last = &name;
  }
  return count;
}

void check_placeholder_image(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  const SplitSets splits(d);
  for (const std::vector<ImageIndex>& images : equal_pixels(evidence.pixels)) {
    if (images.size() < evidence.settings.placeholder_copies) continue;
    const std::uint64_t names = unrelated_names(d, images);
    if (names < evidence.settings.placeholder_copies) continue;
    std::set<std::string_view> in;
    for (const ImageIndex i : images) in.insert(splits.of(i).begin(), splits.of(i).end());
    std::string message = "has the very pixels of " + quoted(shown_path(d, images[1])) + " and " +
                          counted(images.size() - 2, "other", "others") + ", under " + grouped(names) +
                          " unrelated names";
    if (in.size() > 1) message += ", in " + counted(in.size(), "split", "splits");
    report.scored(static_cast<double>(images.size()), ImagePair{images[0], images[1]}, std::move(message),
                  "look at it: \"image not found\", a blank page, a logo; drop them");
  }
}

}  // namespace

extern const Rule placeholder_image{.code = "IMG510",
                                    .name = "placeholder-image",
                                    .title = "one picture stands in for many images",
                                    .severity = Severity::warning,
                                    .evidence = EvidenceClass::proof,
                                    .needs = Needs::pixels,
                                    .check = check_placeholder_image};

}  // namespace vetset

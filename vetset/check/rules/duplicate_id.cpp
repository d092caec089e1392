#include <algorithm>
#include <vector>

#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/dataset.h"

namespace vetset {
namespace {

/// An id as it is compared: within one document, by value; ids that are not integers by their text.
struct Key {
  std::uint32_t file = 0;
  std::int64_t number = 0;
  std::string_view token;
  std::uint32_t owner = 0;

  bool same_id(const Key& other) const { return file == other.file && number == other.number && token == other.token; }
};

bool key_less(const Key& a, const Key& b) {
  if (a.file != b.file) return a.file < b.file;
  if (a.number != b.number) return a.number < b.number;
  if (a.token != b.token) return a.token < b.token;
  return a.owner < b.owner;
}

/// Documents may count from 1 each: an id has to be unique in its own document only.
template <class FileOf>
std::vector<Key> keys_of(const Dataset& d, const Ids& ids, const FileOf& file_of) {
  std::vector<Key> keys;
  keys.reserve(ids.numbers.size());
  auto token = ids.tokens.begin();
  for (std::uint32_t i = 0; i < ids.numbers.size(); ++i) {
    if (ids[i] == Ids::absent) continue;
    Key key{.file = file_of(i), .number = ids[i], .token = {}, .owner = i};
    if (ids[i] == Ids::odd) {
      while (token != ids.tokens.end() && token->owner < i) ++token;
      if (token != ids.tokens.end() && token->owner == i) key.token = d.text(token->json);
    }
    keys.push_back(key);
  }
  if (!std::is_sorted(keys.begin(), keys.end(), key_less)) std::sort(keys.begin(), keys.end(), key_less);
  return keys;
}

template <class Index>
void check_ids(const Dataset& d, const Ids& ids, const std::vector<Key>& keys, std::string_view noun,
               const Report& report) {
  for (std::size_t i = 1; i < keys.size(); ++i)
    if (keys[i].same_id(keys[i - 1]))
      report(to_index<Index>(keys[i].owner),
             std::string(noun) + " id " + quoted(d.id_json(ids, keys[i].owner)) + " was given before, in the same file",
             "give every " + std::string(noun) + " an id of its own");
}

/// One file name in two image records of one document.
void check_image_paths(const Dataset& d, const Report& report) {
  struct Named {
    std::uint32_t file;
    std::string_view path;
    std::uint32_t image;
    auto operator<=>(const Named&) const = default;
  };
  std::vector<Named> named;
  named.reserve(d.images.size());
  for (std::uint32_t i = 0; i < d.images.size(); ++i)
    if (const std::string_view path = d.text(d.images[i].path); !path.empty())
      named.push_back({static_cast<std::uint32_t>(d.images[i].file), path, i});
  if (!std::is_sorted(named.begin(), named.end())) std::sort(named.begin(), named.end());
  for (std::size_t i = 1; i < named.size(); ++i)
    if (named[i].file == named[i - 1].file && named[i].path == named[i - 1].path)
      report(ImageIndex{named[i].image}, "image " + quoted(named[i].path) + " has two records in one file",
             "merge the two records");
}

void check_duplicate_id(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  const auto file_of_image = [&](std::uint32_t i) { return static_cast<std::uint32_t>(d.images[i].file); };
  const auto file_of_annotation = [&](std::uint32_t i) {
    if (!d.annotation_positions.empty() && d.annotation_positions[i].known())
      return static_cast<std::uint32_t>(d.annotation_positions[i].file());
    const ImageIndex image = d.annotations[i].image;
    return static_cast<std::uint32_t>(image == none<ImageIndex> ? none<FileIndex> : d[image].file);
  };
  check_ids<ImageIndex>(d, d.image_ids, keys_of(d, d.image_ids, file_of_image), "image", report);
  check_ids<AnnotationIndex>(d, d.annotation_ids, keys_of(d, d.annotation_ids, file_of_annotation), "annotation",
                             report);
  // Categories are one list for all documents of a dataset.
  check_ids<CategoryIndex>(d, d.category_ids, keys_of(d, d.category_ids, [](std::uint32_t) { return 0U; }), "class",
                           report);
  check_image_paths(d, report);
}

}  // namespace

extern const Rule duplicate_id{.code = "FMT403",
                               .name = "duplicate-id",
                               .title = "two records have one id or one file name",
                               .severity = Severity::error,
                               .evidence = EvidenceClass::proof,
                               .check = check_duplicate_id};

}  // namespace vetset

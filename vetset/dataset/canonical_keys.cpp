// What records are called in the canonical form: by the source's id where that is unique, else by what they say.
#include <algorithm>
#include <numeric>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "vetset/base/digest.h"
#include "vetset/base/json.h"
#include "vetset/dataset/canonical_rows.h"

namespace vetset {
namespace {

/// Begins every key that is made of a hash; no id of a source that begins so is used as a key.
constexpr char hash_mark = '~';
constexpr std::size_t grain = 1024;

std::uint64_t prefix_of(std::string_view key) {
  std::uint64_t prefix = 0;
  for (std::size_t i = 0; i < 8; ++i) prefix = prefix << 8 | (i < key.size() ? static_cast<unsigned char>(key[i]) : 0U);
  return prefix;
}

/// An id of the source as the text of a key: a string without its quotes, any other token in canonical form.
std::string text_of_token(std::string_view json) {
  JsonCursor in(json);
  if (in.type() == JsonType::string) {
    std::string text(in.read_string());
    if (in.at_end()) return text;
  }
  std::string text;
  append_canonical_token(text, json);
  return text;
}

/// The ids of a table, as texts; an empty one for a record that has none.
KeyColumn texts_of_ids(const Dataset& d, const Ids& ids, std::size_t records) {
  KeyColumn texts;
  for (std::size_t i = 0; i < records; ++i) {
    const std::int64_t number = ids[i];
    if (number == Ids::absent) {
      texts.add({});
    } else {
      texts.add(number == Ids::odd ? text_of_token(d.id_json(ids, i)) : std::to_string(number));
    }
  }
  texts.sort();
  return texts;
}

/// How the keys of one table are made.
struct KeySource {
  std::function<void(std::string& out, std::size_t i)> content;  // the row that the hash is taken of
  std::function<std::uint32_t(std::size_t i)> order;             // tells records of the same content apart
};

/// The first half of a SHA-256, as numbers that sort as its bytes do.
using Hash = std::pair<std::uint64_t, std::uint64_t>;

Hash hash_of(std::string_view row) {
  const Digest digest = sha256(row);
  const std::string_view bytes(reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size());
  return {prefix_of(bytes), prefix_of(bytes.substr(8))};
}

std::string text_of_hash(const Hash& hash) {
  std::string text;
  for (const std::uint64_t half : {hash.first, hash.second})
    for (int shift = 60; shift >= 0; shift -= 4) text += "0123456789abcdef"[half >> shift & 15];
  return text;
}

struct HashedRecord {
  Hash hash;
  std::uint32_t order = 0;  // tells records of one hash apart
  std::uint32_t index = 0;
  std::uint32_t nth = 0;  // of those of one hash, from 1
  bool operator<(const HashedRecord& other) const {
    return std::tie(hash, order, index) < std::tie(other.hash, other.order, other.index);
  }
};

/// Keys from ids where they are unique, else from hashes of rows; the n-th record of one hash has "-n".
KeyColumn keys_of(KeyColumn ids, const KeySource& source, const Pool& pool) {
  const std::vector<std::uint32_t>& sorted = ids.sorted();
  std::vector<std::uint32_t> hashed;
  for (std::size_t k = 0; k < sorted.size(); ++k) {
    const std::string_view id = ids[sorted[k]];
    const bool repeated = (k > 0 && ids[sorted[k - 1]] == id) || (k + 1 < sorted.size() && ids[sorted[k + 1]] == id);
    if (id.empty() || id[0] == hash_mark || repeated) hashed.push_back(sorted[k]);
  }
  if (hashed.empty()) return ids;

  std::vector<HashedRecord> records(hashed.size());
  pool.for_ranges(hashed.size(), grain, [&](std::size_t begin, std::size_t end) {
    std::string row;
    for (std::size_t k = begin; k < end; ++k) {
      row.clear();
      source.content(row, hashed[k]);
      records[k] = {.hash = hash_of(row), .order = source.order(hashed[k]), .index = hashed[k]};
    }
  });
  std::sort(records.begin(), records.end());
  std::vector<std::uint32_t> place(ids.size());  // of a record in `records`, from 1
  for (std::size_t k = 0; k < records.size(); ++k) {
    place[records[k].index] = static_cast<std::uint32_t>(k + 1);
    records[k].nth = k > 0 && records[k].hash == records[k - 1].hash ? records[k - 1].nth + 1 : 1;
  }
  KeyColumn keys;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (place[i] == 0) {
      keys.add(ids[i]);
      continue;
    }
    const HashedRecord& record = records[place[i] - 1];
    std::string key = hash_mark + text_of_hash(record.hash);
    if (record.nth > 1) key += '-' + std::to_string(record.nth);
    keys.add(key);
  }
  keys.sort();
  return keys;
}

/// `wanted`, or the first of "wanted-2", "wanted-3" … that is not taken.
std::string untaken(const std::string& wanted, std::set<std::string, std::less<>>& taken) {
  std::string name = wanted;
  for (std::size_t n = 2; !taken.insert(name).second; ++n) name = wanted + '-' + std::to_string(n);
  return name;
}

/// A split is called by its name; the n-th of one name has "-n".
KeyColumn keys_of_splits(const Dataset& d) {
  std::set<std::string, std::less<>> taken, names;
  for (const Split& split : d.splits) names.insert(split.name);
  KeyColumn keys;
  for (const Split& split : d.splits) {
    const bool first = names.erase(split.name) > 0;
    if (first) {
      taken.insert(split.name);
      keys.add(split.name);
      continue;
    }
    std::string name = split.name;
    for (std::size_t n = 2; taken.contains(name) || names.contains(name); ++n)
      name = split.name + '-' + std::to_string(n);
    taken.insert(name);
    keys.add(name);
  }
  keys.sort();
  return keys;
}

/// An image is called by its path; images that share one, by path and split, the n-th of those with "-n".
KeyColumn keys_of_images(const Dataset& d, const RowKeys& keys) {
  KeyColumn paths;
  for (const Image& image : d.images) paths.add(d.text(image.path));
  paths.sort();
  const std::vector<std::uint32_t>& sorted = paths.sorted();
  std::vector<std::uint32_t> sharing;
  for (std::size_t k = 0; k < sorted.size(); ++k)
    if ((k > 0 && paths[sorted[k - 1]] == paths[sorted[k]]) ||
        (k + 1 < sorted.size() && paths[sorted[k + 1]] == paths[sorted[k]]))
      sharing.push_back(sorted[k]);
  if (sharing.empty()) return paths;

  struct Place {
    std::size_t split = to_size(none<SplitIndex>);
    std::uint32_t order = 0;
  };
  std::vector<Place> first_place(d.images.size());
  for (std::size_t m = d.memberships.size(); m-- > 0;)
    first_place[to_size(d.memberships[m].image)] = {to_size(d.memberships[m].split), d.memberships[m].order};
  std::vector<std::string> rows(d.images.size());
  for (const std::uint32_t i : sharing) append_sample_row(rows[i], d, keys, i, RowPart::content);
  std::sort(sharing.begin(), sharing.end(), [&](std::uint32_t a, std::uint32_t b) {
    return std::tuple(paths[a], first_place[a].split, first_place[a].order, std::string_view(rows[a]), a) <
           std::tuple(paths[b], first_place[b].split, first_place[b].order, std::string_view(rows[b]), b);
  });
  std::set<std::string, std::less<>> taken;
  for (std::size_t i = 0; i < paths.size(); ++i) taken.emplace(paths[i]);
  std::vector<std::string> names(d.images.size());
  for (const std::uint32_t i : sharing) {
    std::string wanted(paths[i]);
    if (first_place[i].split < d.splits.size()) wanted += '@' + std::string(keys.splits[first_place[i].split]);
    names[i] = untaken(wanted, taken);
  }
  std::vector<bool> renamed(d.images.size());
  for (const std::uint32_t i : sharing) renamed[i] = true;
  KeyColumn unique;
  for (std::size_t i = 0; i < paths.size(); ++i) unique.add(renamed[i] ? std::string_view(names[i]) : paths[i]);
  unique.sort();
  return unique;
}

}  // namespace

void KeyColumn::add(std::string_view key) {
  bytes_.append(std::span(key.data(), key.size()));
  ends_.push_back(bytes_.size());
}

void KeyColumn::sort() {
  sorted_.resize(size());
  std::iota(sorted_.begin(), sorted_.end(), 0U);
  const auto before = [&](std::uint32_t a, std::uint32_t b) { return (*this)[a] < (*this)[b]; };
  if (std::is_sorted(sorted_.begin(), sorted_.end(), before)) return;
  std::vector<std::pair<std::uint64_t, std::uint32_t>> order(size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = {prefix_of((*this)[i]), static_cast<std::uint32_t>(i)};
  std::sort(order.begin(), order.end(), [&](const auto& a, const auto& b) {
    if (a.first != b.first) return a.first < b.first;
    const int less = (*this)[a.second].compare((*this)[b.second]);
    return less != 0 ? less < 0 : a.second < b.second;
  });
  for (std::size_t k = 0; k < order.size(); ++k) sorted_[k] = order[k].second;
}

RowKeys make_row_keys(const Dataset& d, const Pool& pool) {
  RowKeys keys;
  const auto index = [](std::size_t i) { return static_cast<std::uint32_t>(i); };
  keys.splits = keys_of_splits(d);
  keys.licences = keys_of(
      texts_of_ids(d, d.licence_ids, d.licences.size()),
      {.content = [&](std::string& out, std::size_t i) { append_licence_row(out, d, keys, i, RowPart::content); },
       .order = index},
      pool);
  keys.categories = keys_of(
      texts_of_ids(d, d.category_ids, d.categories.size()),
      {.content = [&](std::string& out, std::size_t i) { append_category_row(out, d, keys, i, RowPart::content); },
       .order = index},
      pool);
  keys.images = keys_of_images(d, keys);
  keys.annotations = keys_of(
      texts_of_ids(d, d.annotation_ids, d.annotations.size()),
      {.content = [&](std::string& out, std::size_t i) { append_annotation_row(out, d, keys, i, RowPart::content); },
       .order = [&](std::size_t i) { return d.annotations[i].order; }},
      pool);
  KeyColumn track_ids;
  for (const Track& track : d.tracks) track_ids.add(track.id.empty() ? std::string() : text_of_token(d.text(track.id)));
  track_ids.sort();
  keys.tracks =
      keys_of(std::move(track_ids),
              {.content = [&](std::string& out, std::size_t i) { append_track_row(out, d, keys, i, RowPart::content); },
               .order = index},
              pool);
  return keys;
}

}  // namespace vetset

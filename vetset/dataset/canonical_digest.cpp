#include "vetset/dataset/canonical_digest.h"

#include <algorithm>

#include "vetset/base/json.h"

namespace vetset {
namespace {

void append_quoted(std::string& out, std::string_view key, std::string_view value) {
  append_json_string(out, key);
  out += ':';
  append_json_string(out, value);
}

void append_table(std::string& out, const CanonicalTable& table) {
  append_json_string(out, table.name);
  out += ":{\"key\":[";
  if (!table.key.empty()) append_json_string(out, table.key);
  out += "],";
  append_quoted(out, "root", table.root.hex());
  out += ",\"rows\":";
  append_canonical_integer(out, static_cast<std::int64_t>(table.rows));
  out += ',';
  append_quoted(out, "schema", table.schema.hex());
  out += '}';
}

void append_media(std::string& out, const MediaSum& media) {
  out += "\"media\":{\"bytes\":";
  append_canonical_integer(out, static_cast<std::int64_t>(media.bytes));
  out += ",\"count\":";
  append_canonical_integer(out, static_cast<std::int64_t>(media.count));
  out += ',';
  append_quoted(out, "root", media.root.hex());
  out += "},";
}

}  // namespace

CanonicalTable canonical_table(const TableLayout& layout, std::uint64_t rows, const Digest& root, std::uint32_t used) {
  CanonicalTable table{.name = std::string(layout.name), .key = std::string(layout.key), .rows = rows, .root = root};
  std::string schema = "[";
  for (std::size_t c = 0; c < layout.columns.size(); ++c) {
    if ((used >> c & 1U) == 0) continue;
    if (!table.columns.empty()) schema += ',';
    table.columns.emplace_back(layout.columns[c]);
    append_json_string(schema, table.columns.back());
  }
  table.schema = sha256(schema + "]");
  return table;
}

void LeafSorter::add(std::string_view sort_by, const Digest& leaf) {
  texts_.add(sort_by);
  leaves_.push_back(leaf);
}

Digest LeafSorter::root(const std::function<void(std::string_view)>& twice) {
  texts_.sort();
  MerkleTree tree;
  std::optional<std::string_view> before, told;
  for (const std::uint32_t i : texts_.sorted()) {
    const std::string_view text = texts_[i];
    tree.add_leaf(leaves_.empty() ? MerkleTree::leaf(text) : leaves_[i]);
    if (twice && before == text && told != text) {
      twice(text);
      told = text;
    }
    before = text;
  }
  return tree.root();
}

// Rows are sorted by their bytes. A JSON string is never the beginning of another, so the sample's id sorts them.
void MediaDigester::add(std::string_view sample_id, const Digest& digest, std::uint64_t bytes) {
  row_ = "[";
  append_canonical_string(row_, sample_id);
  const std::size_t id_end = row_.size();
  row_ += ",\"" + digest.hex() + "\",";
  append_canonical_integer(row_, static_cast<std::int64_t>(bytes));
  row_ += ']';
  rows_.add(std::string_view(row_).substr(0, id_end), MerkleTree::leaf(row_));
  bytes_ += bytes;
}

MediaSum MediaDigester::finish() { return {.count = rows_.size(), .bytes = bytes_, .root = rows_.root()}; }

Identity identity_of_tables(std::vector<CanonicalTable> tables, const std::optional<MediaSum>& media) {
  std::vector<const CanonicalTable*> by_name;
  for (const CanonicalTable& table : tables) by_name.push_back(&table);
  std::sort(by_name.begin(), by_name.end(),
            [](const CanonicalTable* a, const CanonicalTable* b) { return a->name < b->name; });
  std::string labels = "\"schema\":1,\"tables\":{";
  for (const CanonicalTable* table : by_name) {
    if (table != by_name.front()) labels += ',';
    append_table(labels, *table);
  }
  labels += "}}";

  Identity identity{.document = "{"};
  if (media) append_media(identity.document, *media);
  identity.document += labels;
  identity.labels_id = sha256("vetset/labels/1\n{" + labels);
  identity.id = media ? sha256("vetset/dataset/1\n" + identity.document) : identity.labels_id;
  identity.tables = std::move(tables);
  return identity;
}

}  // namespace vetset

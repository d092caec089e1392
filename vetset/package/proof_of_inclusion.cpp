#include "vetset/package/proof_of_inclusion.h"

#include <algorithm>
#include <bit>
#include <map>

#include "vetset/base/json.h"
#include "vetset/base/unicode.h"
#include "vetset/package/plain_json.h"

namespace vetset {
namespace {

constexpr std::size_t row_limit = 1'000'000, path_limit = 64;

std::string_view bytes_of(const Digest& d) { return {reinterpret_cast<const char*>(d.bytes.data()), d.bytes.size()}; }

Digest node(const Digest& left, const Digest& right) {
  Sha256 sum;
  sum.add(std::string_view("\x01", 1));
  sum.add(bytes_of(left));
  sum.add(bytes_of(right));
  return sum.finish();
}

Digest root_over(std::span<const Digest> leaves) {
  MerkleTree tree;
  for (const Digest& leaf : leaves) tree.add_leaf(leaf);
  return tree.root();
}

/// The text member of a canonical row; empty where it has none.
std::string member(std::string_view row, std::string_view name) {
  JsonCursor in(row);
  for (in.enter_object(); in.next_member();) {
    if (in.key() == name && in.type() == JsonType::string) return std::string(in.read_string());
    in.skip();
  }
  return {};
}

std::string media_row(std::string_view sample, const MediaFile& file) {
  std::string row = "[";
  append_canonical_string(row, sample);
  row += ",\"" + file.digest.hex() + "\",";
  append_canonical_integer(row, static_cast<std::int64_t>(file.bytes));
  return row + "]";
}

/// Whose row it is: the sample_id that it names.
std::string sample_of(std::string_view table, std::string_view row) {
  if (table != "media") return member(row, "sample_id");
  JsonCursor in(row);
  in.enter_array();
  if (!in.next_element() || in.type() != JsonType::string) return {};
  return std::string(in.read_string());
}

/// The leaves of one table, and those of its rows that are wanted.
struct Leaves {
  std::vector<Digest> all;
  std::vector<RowProof> wanted;

  void add(std::string_view table, std::string_view row, bool want) {
    if (want) wanted.push_back({.table = std::string(table), .row = std::string(row), .index = all.size()});
    all.push_back(MerkleTree::leaf(row));
  }
};

struct Stated {
  std::string root;
  std::uint64_t rows = 0;
};
/// What a manifest's `dataset` states of a table, or of the media.
Stated stated(const Json& dataset, std::string_view table) {
  const Json* of = table == "media" ? dataset.find("media") : nullptr;
  if (const Json* tables = dataset.find("tables"); of == nullptr && tables != nullptr) of = tables->find(table);
  if (of == nullptr) return {};
  const Json* rows = of->find(table == "media" ? "count" : "rows");
  return {std::string(of->text_or("root", "")),
          rows != nullptr && rows->number() >= 0 ? static_cast<std::uint64_t>(rows->number()) : 0};
}

bool is_root(const Stated& s, const Digest& root) {
  const auto digest = parse_digest(s.root);
  return digest && *digest == root;
}

}  // namespace

std::vector<Digest> inclusion_path(std::span<const Digest> leaves, std::uint64_t index) {
  std::vector<Digest> path;
  while (leaves.size() > 1) {
    const std::size_t half = std::bit_floor(leaves.size() - 1);
    const bool left = index < half;
    path.push_back(root_over(left ? leaves.subspan(half) : leaves.first(half)));
    leaves = left ? leaves.first(half) : leaves.subspan(half);
    if (!left) index -= half;
  }
  std::reverse(path.begin(), path.end());
  return path;
}

Digest root_of(const RowProof& proof) {
  if (proof.index >= proof.rows) return {};
  Digest digest = MerkleTree::leaf(proof.row);
  std::uint64_t place = proof.index, last = proof.rows - 1;
  for (const Digest& beside : proof.path) {
    if (last == 0) return {};
    if ((place & 1) == 1 || place == last) {
      digest = node(beside, digest);
      while ((place & 1) == 0 && place != 0) {
        place >>= 1;
        last >>= 1;
      }
    } else {
      digest = node(digest, beside);
    }
    place >>= 1;
    last >>= 1;
  }
  return last == 0 ? digest : Digest{};
}

Result<InclusionProof> prove_sample(const Dataset& d, std::span<const MediaFile> media, const Manifest& manifest,
                                    const Digest& package, std::string_view sample, const Pool& pool) {
  std::map<std::string, Leaves, std::less<>> tables;
  VETSET_DO(canonical_rows(d, pool, [&](std::string_view table, std::string_view row) {
    if (table != "samples" && table != "annotations") return;
    tables[std::string(table)].add(table, row, member(row, "sample_id") == sample);
  }));
  if (tables["samples"].wanted.empty())
    return Error{Code::not_found, "has no sample '" + printable(sample) + "'; samples are called by their paths"};
  const CanonicalRows rows(d, pool);
  std::vector<std::string> files;
  for (const MediaFile& file : media) files.push_back(media_row(member(rows.of(file.image), "sample_id"), file));
  std::sort(files.begin(), files.end());
  for (const std::string& row : files) tables["media"].add("media", row, sample_of("media", row) == sample);

  VETSET_TRY(const Json dataset, Json::parse(manifest.dataset));
  InclusionProof proof{.package_id = package, .sample = std::string(sample), .rows = {}};
  for (const char* table : {"samples", "annotations", "media"}) {
    Leaves& leaves = tables[table];
    if (leaves.wanted.empty()) continue;
    if (!is_root(stated(dataset, table), root_over(leaves.all)))
      return Error{Code::untrusted,
                   std::string(table) + ": is not what the manifest states; 'vetset verify' tells more"};
    for (RowProof& row : leaves.wanted) {
      row.rows = leaves.all.size();
      row.path = inclusion_path(leaves.all, row.index);
      proof.rows.push_back(std::move(row));
    }
  }
  return proof;
}

std::string to_json(const InclusionProof& proof) {
  std::string out;
  JsonWriter w(out);
  w.begin_object().key("package_id").value(proof.package_id.text()).key("rows").begin_array();
  for (const RowProof& r : proof.rows) {
    w.begin_object().key("index").value(r.index).key("path").begin_array();
    for (const Digest& d : r.path) w.value(d.hex());
    w.end_array().key("row").value(r.row).key("rows").value(r.rows).key("table").value(r.table).end_object();
  }
  w.end_array().key("sample").value(proof.sample).key("vetset_inclusion").value("1").end_object();
  return out;
}

Result<InclusionProof> parse_inclusion_proof(std::string_view text) {
  VETSET_TRY(const Json json, parse_plain_json(text));
  if (json.text_or("vetset_inclusion", "") != "1") return Error{Code::malformed, "is no proof of inclusion, version 1"};
  InclusionProof proof{.package_id = {}, .sample = std::string(json.text_or("sample", "")), .rows = {}};
  VETSET_TRY(proof.package_id, parse_digest(json.text_or("package_id", "")));
  const Json* rows = json.find("rows");
  if (rows == nullptr || rows->elements().empty() || rows->elements().size() > row_limit)
    return Error{Code::malformed, "rows: expected a row at least"};
  for (const Json& r : rows->elements()) {
    RowProof row{.table = std::string(r.text_or("table", "")), .row = std::string(r.text_or("row", ""))};
    const auto count = [&](std::string_view key, std::uint64_t& value) {
      const Json* number = r.find(key);
      const bool whole = number != nullptr && number->number() >= 0 && number->number() < 9007199254740992.0;
      if (whole) value = static_cast<std::uint64_t>(number->number());
      return whole;
    };
    const Json* path = r.find("path");
    if (!count("index", row.index) || !count("rows", row.rows) || path == nullptr ||
        path->elements().size() > path_limit)
      return Error{Code::malformed, "rows: expected index, rows and a path of at most 64 digests"};
    for (const Json& digest : path->elements()) {
      VETSET_TRY(const Digest beside, parse_digest(digest.text()));
      row.path.push_back(beside);
    }
    proof.rows.push_back(std::move(row));
  }
  return proof;
}

Result<void> check_inclusion(const InclusionProof& proof, std::string_view manifest_json) {
  if (sha256(manifest_json) != proof.package_id)
    return Error{Code::untrusted, "the proof is of another package: expected " + sha256(manifest_json).text() +
                                      ", found " + proof.package_id.text()};
  VETSET_TRY(const Json manifest, Json::parse(manifest_json));
  const Json* dataset = manifest.find("dataset");
  if (dataset == nullptr) return Error{Code::malformed, "is no manifest"};
  bool sample = false;
  for (const RowProof& row : proof.rows) {
    const Stated said = stated(*dataset, row.table);
    if (row.rows != said.rows || !is_root(said, root_of(row)))
      return Error{Code::untrusted, "row " + std::to_string(row.index) + " of " + printable(row.table) +
                                        " does not lead to the root that the manifest states"};
    if (sample_of(row.table, row.row) != proof.sample)
      return Error{Code::untrusted, "row " + std::to_string(row.index) + " of " + printable(row.table) +
                                        " is of another sample than '" + printable(proof.sample) + "'"};
    sample = sample || row.table == "samples";
  }
  if (!sample) return Error{Code::untrusted, "the proof has no row of the table of samples"};
  return {};
}

}  // namespace vetset

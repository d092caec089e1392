#include "vetset/vetset_claims.h"

#include <algorithm>
#include <filesystem>

#include "vetset/base/json.h"
#include "vetset/check/report/json.h"
#include "vetset/check/settings.h"
#include "vetset/dataset/links.h"
#include "vetset/package/attestation.h"
#include "vetset/vetset_files.h"
#include "vetset/vetset_linked.h"

namespace vetset {
namespace {

constexpr std::size_t sampled_findings = 20;      // of a rule
constexpr std::size_t most_changed = 512U << 10;  // bytes of a diff that names every image
constexpr std::string_view program_words = "vetset ";

std::string program() { return std::string(program_words) + std::string(version()); }

void write_words(JsonWriter& out, std::string_view key, const std::vector<std::string>& words) {
  out.key(key).begin_array();
  for (const std::string& word : words) out.value(word);
  out.end_array();
}

std::vector<std::string> listed_paths(const Manifest& manifest, const Tree& tree) {
  std::vector<std::string> paths;
  for (const ManifestFile& f : manifest.files)
    if (tree.contains(f.path)) paths.push_back(f.path);
  return paths;
}

/// A file beside a document: "{sha256, size, name}", or null where none is named.
Result<void> write_model(JsonWriter& out, const std::string& path) {
  out.key("model");
  if (path.empty()) {
    out.null();
    return {};
  }
  const auto file = open_file(path);
  const std::string name(base_name(path));
  if (!file || !(*file)->contains(name)) return Error{Code::not_found, "is no file", path};
  Sha256 hash;
  VETSET_TRY(const ReadThrough seen, (*file)->read_through(name, [&](std::string_view piece) { hash.add(piece); }));
  out.begin_object().key("name").value(name).key("sha256").value(hash.finish().hex()).key("size").value(seen.size);
  out.end_object();
  return {};
}

/// Who the parent is: a package by its manifest, else by what it says.
Result<void> write_parent(JsonWriter& out, const std::string& path, const Source& source, const Common& common) {
  out.begin_object().key("name").value(base_name(source.tree->name())).key("role").value("derived");
  VETSET_TRY(const Identities ids, identities(source, common));
  out.key("labels_id").value(ids.labels_id).key("dataset_id");
  if (ids.dataset_id.empty())
    out.null();
  else
    out.value(ids.dataset_id);
  out.key("package_id");
  std::string package_id;
  if (const auto tree = open_tree(path, {.limits = common.limits}))
    for (const Form form : {Form::sealed, Form::directory})
      if (const auto bytes = (*tree)->read(paths_of(form).manifest); package_id.empty() && bytes)
        if (std::holds_alternative<Manifest>(parse_manifest(*bytes, form))) package_id = sha256(*bytes).text();
  if (package_id.empty())
    out.null();
  else
    out.value(package_id);
  out.end_object();
  return {};
}

/// What was done, by the document of the step: its name, its digest and what it says was asked.
Result<void> write_step(JsonWriter& out, const std::string& path, const Limits& limits) {
  VETSET_TRY(const Bytes text, read_named(path, limits));
  auto json = Json::parse(text, limits);
  if (!json) return std::move(json).error().in(path);
  constexpr std::string_view prefix = "vetset-";
  std::string name;
  for (const auto& [key, value] : json->members())
    if (key.starts_with(prefix)) name = key.substr(prefix.size());
  if (name.empty())
    return Error{Code::malformed, "expected the document of a step (fix, split, transform, dedup, combine)", path};
  std::string_view document = text;
  while (document.ends_with('\n')) document.remove_suffix(1);
  out.begin_object().key("name").value(name).key("digest").value(sha256(document).text());
  out.key("arguments").begin_object();
  JsonCursor cursor(document);
  for (cursor.enter_object(); cursor.next_member();) {
    const std::string key(cursor.key());
    const std::string_view value = cursor.skip();
    for (const std::string_view told : {"rules", "unsafe", "repairs", "seed", "stratified", "folds", "group_by"})
      if (key == told) out.key(key).raw(value);
  }
  out.end_object().end_object();
  return {};
}

}  // namespace

LaidTree::LaidTree(const Tree& whole, std::map<std::string, std::string> more, std::string name)
    : whole_(whole), name_(std::move(name)) {
  for (auto& [path, bytes] : more) more_.emplace(path, std::move(bytes));
  for (const std::string_view path : whole.list())
    if (!more_.contains(path)) paths_.push_back(path);
  for (const auto& [path, bytes] : more_) paths_.push_back(path);
  std::sort(paths_.begin(), paths_.end());
}

LaidTree::LaidTree(std::unique_ptr<Tree> whole, std::vector<std::string> listed, std::string name)
    : own_(std::move(whole)), whole_(*own_), listed_(std::move(listed)), name_(std::move(name)) {
  for (const std::string& path : listed_) paths_.push_back(path);
}

const std::string* LaidTree::laid(std::string_view path) const {
  const auto found = more_.find(path);
  return found == more_.end() ? nullptr : &found->second;
}

bool LaidTree::contains(std::string_view path) const {
  if (laid(path) != nullptr) return true;
  return own_ == nullptr ? whole_.contains(path) : std::binary_search(paths_.begin(), paths_.end(), path);
}

Result<std::uint64_t> LaidTree::size(std::string_view path) const {
  if (const std::string* bytes = laid(path)) return std::uint64_t{bytes->size()};
  return whole_.size(path);
}

Result<Bytes> LaidTree::read(std::string_view path, Range range) const {
  const std::string* bytes = laid(path);
  if (bytes == nullptr) return whole_.read(path, range);
  const std::size_t begin = std::min<std::uint64_t>(range.offset, bytes->size());
  return Bytes::from(bytes->substr(begin, std::min<std::uint64_t>(range.size, bytes->size() - begin)));
}

std::string LaidTree::disk_path(std::string_view path) const {
  return laid(path) != nullptr ? std::string() : whole_.disk_path(path);
}

std::string called(std::string_view name, std::string_view version) {
  return std::string(name) + " " + std::string(version);
}

Result<OpenedPackage> open_package(const std::string& path, const Common& common) {
  VETSET_TRY(std::unique_ptr<Tree> tree, open_tree(path, {.limits = common.limits}));
  std::optional<FoundManifest> found = find_manifest(*tree);
  if (!found)
    return Error{Code::not_found, "is neither a package nor a sealed folder: 'vetset pack' and 'vetset seal' make one",
                 path};
  if (const auto* problem = std::get_if<ManifestProblem>(&found->parsed))
    return Error{Code::malformed, problem->code + " " + problem->words, path};
  OpenedPackage package{
      .manifest = std::get<Manifest>(std::move(found->parsed)), .package_id = found->package_id, .source = {}};
  const Manifest& m = package.manifest;
  std::vector<std::string> listed = listed_paths(m, *tree);
  auto laid = std::make_unique<LaidTree>(std::move(tree), std::move(listed), called(m.name, m.version));
  VETSET_TRY(package.source,
             source_in(std::move(laid), m.form == Form::directory ? "vetset" : m.format, {.common = common}));
  return package;
}

Result<Source> source_of_written(const Tree& written, const std::string& name, const Common& common) {
  return source_in(std::make_unique<LaidTree>(written, std::map<std::string, std::string>(), name), "vetset",
                   {.common = common});
}

Result<std::string> audit_document(const Source& source, const CheckOptions& asked, const Common& common) {
  CheckOptions options{.select = asked.select,
                       .ignore = asked.ignore,
                       .images = asked.images,
                       .pixels = asked.pixels,
                       .near = asked.near,
                       .scan = asked.scan,
                       .fail_on = asked.fail_on,
                       .settings = asked.settings,
                       .common = common};
  VETSET_TRY(const CheckReport report, check(source, options));
  const std::string whole = json_report(source, report);
  std::string text;
  JsonWriter out(text);
  out.begin_object().key("vetset-audit").value(1).key("program").value(program()).key("asked").begin_object();
  out.key("fail_on").value(asked.fail_on ? name(*asked.fail_on) : "never").key("images").value(asked.images);
  out.key("pixels").value(asked.pixels).key("near");
  if (asked.pixels)
    out.value(name(asked.near));
  else
    out.null();
  write_words(out, "select", asked.select);
  write_words(out, "ignore", asked.ignore);
  out.end_object().key("parameters").begin_object();
  for (const Setting& setting : settings()) out.key(setting.name).value(setting_text(asked.settings, setting));
  out.end_object();

  // All findings go into the root, some of each rule into the document.
  MerkleTree all;
  out.key("check").begin_object();
  JsonCursor cursor(whole);
  for (cursor.enter_object(); cursor.next_member();) {
    const std::string key(cursor.key());
    if (key == "findings") {
      out.key(key).begin_array();
      std::map<std::string, std::size_t> of_rule;
      for (cursor.enter_array(); cursor.next_element();) {
        const std::string_view finding = cursor.skip();
        all.add(finding);
        JsonCursor inside(finding);
        std::string code;
        for (inside.enter_object(); inside.next_member();) {
          if (inside.key() == "code")
            code = inside.read_string();
          else
            inside.skip();
        }
        if (of_rule[code]++ < sampled_findings) out.raw(finding);
      }
      out.end_array();
      continue;
    }
    const std::string_view value = cursor.skip();
    if (key != "consumers") out.key(key).raw(value);
  }
  out.end_object();
  std::uint64_t count = 0;
  for (const RuleResult& rule : report.rules) count += rule.not_run.empty() ? rule.count : 0;
  out.key("count").value(count).key("root").value(all.root().text()).end_object();
  return canonical_written(text);
}

Result<std::string> split_document(const Source& source, const SplitCheckOptions& asked, const SplitLock* lock,
                                   const Common& common) {
  SplitCheckOptions options = asked;
  options.margin = 0;
  options.common = common;
  if (lock != nullptr) {
    if (options.group_by.empty()) options.group_by = lock->group_by;
    if (lock->search && !options.near) options.near = lock->search->near;
    if (lock->search && !options.radius && options.near == lock->search->near && options.near != NearTier::none)
      options.radius = lock->search->radius;
  }
  VETSET_TRY(const SplitCheck check, check_split(source, options));
  std::string text;
  JsonWriter out(text);
  out.begin_object().key("vetset-split-evidence").value(1).key("program").value(program()).key("rule");
  if (lock == nullptr) {
    out.null();
  } else {
    out.begin_object().key("algorithm").value(SplitLock::algorithm).key("seed").value(lock->seed);
    write_words(out, "names", lock->names);
    out.key("ratios").begin_array();
    for (const std::uint32_t ratio : lock->ratios) out.value(ratio);
    out.end_array().key("stratified").value(lock->stratified).key("folds").value(lock->folds);
    write_words(out, "factors", lock->factors);
    out.key("groups").value(std::uint64_t{lock->groups.size()}).key("lock").value(sha256(to_json(*lock)).text());
    out.end_object();
  }
  write_words(out, "group_by", options.group_by);
  out.key("groups").value(std::uint64_t{components(check.links, source.dataset.images.size()).sizes.size()});
  out.key("check").raw(to_json(check, source.dataset, program())).end_object();
  return canonical_written(text);
}

Result<std::string> lineage_document(const Source& source, const std::string& earlier,
                                     const std::vector<std::string>& steps, const Common& common) {
  VETSET_TRY(const Source before, open(earlier, {.common = common}));
  VETSET_TRY(const Diff changes, diff(before, source, {.common = common}));
  // Names are of a machine; the same change elsewhere has the same digest.
  VETSET_TRY(const std::string whole, canonical_json(to_json(changes, "earlier", "later")));
  std::string text;
  JsonWriter out(text);
  out.begin_object().key("vetset-lineage").value(1).key("program").value(program()).key("parents").begin_array();
  VETSET_DO(write_parent(out, earlier, before, common));
  out.end_array().key("operations").begin_array();
  for (const std::string& step : steps) VETSET_DO(write_step(out, step, common.limits));
  out.end_array().key("diff_digest").value(sha256(whole).text()).key("diff").begin_object();
  JsonCursor cursor(whole);
  for (cursor.enter_object(); cursor.next_member();) {
    const std::string key(cursor.key());
    const std::string_view value = cursor.skip();
    if (key != "changed_images" || whole.size() <= most_changed) out.key(key).raw(value);
  }
  out.end_object().end_object();
  return canonical_written(text);
}

Result<std::string> evaluation_document(std::string_view record, const std::string& model) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().key("vetset-evaluation-evidence").value(1);
  VETSET_DO(write_model(out, model));
  VETSET_TRY(const std::string form, canonical_json(record));
  out.key("record").raw(form).end_object();
  return canonical_written(text);
}

Result<std::string> conversion_document(const std::string& proof, const Manifest& manifest) {
  VETSET_TRY(std::string document, canonical_json(proof));
  VETSET_TRY(const Json json, Json::parse(document));
  const Json* target = json.find("target");
  if (target == nullptr) return Error{Code::malformed, "expected the proof of a conversion"};
  std::vector<FileDigest> files;
  for (const ManifestFile& f : manifest.files)
    if (f.role != Role::media) files.push_back({.path = f.path, .bytes = f.size, .digest = f.digest});
  const Json* listed = target->find("files");
  if (listed == nullptr) {
    std::vector<FileDigest> labels;
    for (const ManifestFile& f : manifest.files)
      if (f.role == Role::label || f.role == Role::table)
        labels.push_back({.path = f.path, .bytes = f.size, .digest = f.digest});
    if (root_of(labels).text() != target->text_or("root", "") && root_of(files).text() != target->text_or("root", ""))
      return Error{Code::refused, "the proof is of other files: the root over its target is not that of the package"};
    return document;
  }
  for (const Json& file : listed->elements()) {
    const std::string_view path = file.text_or("path", "");
    const auto at = std::lower_bound(files.begin(), files.end(), path,
                                     [](const FileDigest& f, std::string_view wanted) { return f.path < wanted; });
    if (at == files.end() || at->path != path)
      return Error{Code::refused, "the proof is of other files: the package does not list " + std::string(path)};
    if (at->digest.text() != file.text_or("digest", ""))
      return Error{Code::refused,
                   "the proof is of other files: " + std::string(path) + " is not what was written then"};
  }
  return document;
}

std::string sentence_of(std::string_view kind, std::string_view claim) {
  const auto json = Json::parse(claim);
  if (!json) return {};
  // Anybody may have written it: no member need be there.
  const auto text = [](const Json* value) { return value == nullptr ? std::string("0") : std::string(value->text()); };
  const auto inside = [&](std::string_view object, std::string_view key) { return text(json->at(object).find(key)); };
  const auto counted = [](const std::string& count, std::string_view one) {
    return count + " " + std::string(one) + (count == "1" ? "" : "s");
  };
  if (kind == "audit")
    return counted(std::to_string(json->at("checks").elements().size()), "check") +
           " ran: " + counted(inside("totals", "errors"), "error") + ", " +
           counted(inside("totals", "warnings"), "warning") + ", " + counted(inside("totals", "notes"), "note");
  if (kind == "split")
    return counted(inside("crossing_groups", "count"), "group") + " in more than one split; " +
           counted(text(json->find("compared_pairs")), "pair") + " of images compared";
  if (kind == "conversion") {
    const Json& converter = json->at("converter");
    return std::string(converter.text_or("from", "")) + " to " + std::string(converter.text_or("to", "")) + ", " +
           std::string(json->text_or("verdict", "")) + ": " + text(json->find("fields_kept")) + " fields kept, " +
           std::to_string(json->at("loss").elements().size()) + " with losses";
  }
  if (kind == "lineage") {
    const Json& rows = json->at("rows");
    const auto of = [&](std::string_view table, std::string_view key) { return text(rows.at(table).find(key)); };
    return "images +" + of("images", "added") + " −" + of("images", "removed") + ", " + of("images", "moved") +
           " moved to other splits; objects +" + of("objects", "added") + " −" + of("objects", "removed") + ", " +
           of("objects", "changed") + " changed";
  }
  const auto& figures = json->at("figures").elements();
  return figures.empty()
             ? std::string()
             : std::string(figures.front().text_or("metric", "")) + " " + text(figures.front().find("value"));
}

}  // namespace vetset

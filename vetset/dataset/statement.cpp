// The proof as a document: canonical JSON without time, machine or place. Schema: docs/schema/proof-v1.json.
#include "vetset/dataset/statement.h"

#include <set>

#include <algorithm>
#include <cmath>

#include "vetset/dataset/statement_parts.h"

namespace vetset {

bool Proof::exact() const {
  return std::all_of(lines.begin(), lines.end(), [](const Difference& d) { return d.outcome == Outcome::kept; });
}
bool Proof::undeclared() const {
  return std::any_of(lines.begin(), lines.end(), [](const Difference& d) { return !d.declared; });
}
bool Proof::undecided() const {
  return std::any_of(decisions.begin(), decisions.end(), [](const Decided& d) { return d.policy == Policy::unset; });
}

std::string_view name(Verdict verdict) {
  static constexpr std::string_view words[] = {"exact", "declared", "undecided", "undeclared"};
  return words[static_cast<std::size_t>(verdict)];
}

Verdict verdict(const Proof& proof) {
  if (proof.undeclared()) return Verdict::undeclared;
  if (proof.undecided()) return Verdict::undecided;
  return proof.exact() ? Verdict::exact : Verdict::declared;
}

Digest root_of(const std::vector<FileDigest>& files) {
  MerkleTree tree;
  for (const FileDigest& file : files) tree.add(file.digest.hex() + " " + std::to_string(file.bytes) + " " + file.path);
  return tree.root();
}

void write_files(JsonWriter& out, const std::vector<FileDigest>& files) {
  std::uint64_t bytes = 0;
  for (const FileDigest& file : files) bytes += file.bytes;
  out.key("count").value(std::uint64_t{files.size()}).key("bytes").value(bytes);
  out.key("root").value(root_of(files).text());
  if (files.size() <= listed_files) {
    out.key("files").begin_array();
    for (const FileDigest& file : files)
      out.begin_object()
          .key("path")
          .value(file.path)
          .key("bytes")
          .value(file.bytes)
          .key("digest")
          .value(file.digest.text())
          .end_object();
    out.end_array();
  }
}

void write_counts(JsonWriter& out, const Counts& counts) {
  out.begin_object().key("images").value(counts.images).key("annotations").value(counts.annotations);
  out.key("categories").value(counts.categories).key("splits").value(counts.splits).end_object();
}

namespace {

void write_side(JsonWriter& out, std::string_view name, const std::vector<FileDigest>& files) {
  out.begin_object().key("name").value(name);
  write_files(out, files);
  out.end_object();
}

void write_decision(JsonWriter& out, const Decided& d) {
  out.begin_object().key("decision").value(name(d.decision)).key("policy");
  if (d.policy == Policy::unset)
    out.null();
  else
    out.value(name(d.policy));
  out.key("count").value(d.count).key("first").value(d.first).key("why").value(d.why).key("possible").begin_array();
  for (const Policy policy : d.possible) out.value(name(policy));
  out.end_array().end_object();
}

void write_line(JsonWriter& out, const Difference& d) {
  out.begin_object().key("field").value(name(d.field)).key("verb").value(name(d.verb));
  out.key("outcome").value(name(d.outcome)).key("declared").value(d.declared);
  out.key("count").value(d.count).key("of").value(d.of);
  if (d.outcome == Outcome::changed && !d.unit.empty()) {
    if (std::isfinite(d.largest)) out.key("largest").value(d.largest);
    if (d.verb == Verb::quantised || d.bound > 0) out.key("bound").value(d.bound);
    out.key("unit").value(d.unit);
  }
  if (!d.note.empty()) out.key("note").value(d.note);
  if (d.outcome != Outcome::kept) {
    out.key("example").begin_object().key("where").value(d.where);
    if (!d.before.empty()) out.key("before").value(d.before);
    if (!d.after.empty()) out.key("after").value(d.after);
    out.end_object();
  }
  out.end_object();
}

}  // namespace

std::string to_json(const Proof& proof) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().key("vetset-proof").value(Proof::version).key("program").value(proof.program);
  out.key("verdict").value(name(verdict(proof)));
  out.key("from").value(proof.from).key("to").value(proof.to).key("task").value(proof.task);
  out.key("judge").value(proof.judge).key("dry_run").value(proof.dry_run);
  out.key("source");
  write_side(out, proof.source_name, proof.source_files);
  out.key("target");
  write_side(out, proof.target_name, proof.target_files);
  out.key("before");
  write_counts(out, proof.before);
  out.key("after");
  write_counts(out, proof.after);
  out.key("decisions").begin_array();
  for (const Decided& decision : proof.decisions) write_decision(out, decision);
  out.end_array().key("lines").begin_array();
  for (const Difference& line : proof.lines) write_line(out, line);
  out.end_array().key("names").begin_array();
  for (const Renaming& renaming : proof.names)
    out.begin_object()
        .key("from")
        .value(renaming.from)
        .key("to")
        .value(renaming.to)
        .key("reason")
        .value(renaming.reason)
        .end_object();
  out.end_array();
  if (!proof.steps.empty()) {
    out.key("steps").begin_array();
    for (const Step& step : proof.steps)
      out.begin_object()
          .key("name")
          .value(step.name)
          .key("summary")
          .value(step.summary)
          .key("digest")
          .value(sha256(step.document).text())
          .end_object();
    out.end_array();
  }
  out.end_object();
  Result<std::string> canonical = canonical_json(text);
  VETSET_ASSERT(canonical, "what a JsonWriter wrote is JSON");
  return *std::move(canonical);
}

Counts counts_of(const Dataset& d) {
  std::set<std::string_view> splits;
  for (const Split& s : d.splits) splits.insert(s.name);
  return {.images = d.images.size(),
          .annotations = d.annotations.size(),
          .categories = d.categories.size(),
          .splits = splits.size()};
}

}  // namespace vetset

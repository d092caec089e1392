// card --as cyclonedx and --as spdx: the dataset in the bills of materials that procurement asks for. CycloneDX 1.7
// (ECMA-424) has a component of type "data"; SPDX 3.0.1 a DatasetPackage. What nobody said is left out.
#include <algorithm>

#include "vetset/base/json.h"
#include "vetset/base/unicode.h"
#include "vetset/check/words.h"
#include "vetset/vetset_card.h"

namespace vetset {
namespace {

constexpr std::size_t most_files = 1000;  // that a bill lists one by one

/// "sha256:…" without its prefix.
std::string hex_of(const std::string& id) { return id.substr(id.find(':') + 1); }

std::string described(const Card& c) {
  if (std::string said = flowing(c.answers.text("dataset.description")); !said.empty()) return said;
  return counted(c.stats.counts.images, "image", "images") + " with " +
         counted(c.stats.counts.annotations, "object", "objects") + " of " +
         counted(c.stats.counts.categories, "class", "classes");
}

std::vector<const ManifestFile*> listed(const Card& c) {
  std::vector<const ManifestFile*> files;
  for (const ManifestFile& f : c.manifest.files)
    if (f.role != Role::media || f.path.ends_with(".tar")) files.push_back(&f);
  if (files.size() > most_files) files.clear();
  return files;
}

/// A UUID (version 8, RFC 9562) of an id: the same dataset has the same.
std::string uuid_of(const std::string& id) {
  std::string hex = hex_of(id).substr(0, 32);
  hex[12] = '8';
  hex[16] = 'a';
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" + hex.substr(16, 4) + "-" +
         hex.substr(20);
}

void property(JsonWriter& w, std::string_view name, std::string_view value) {
  w.begin_object().key("name").value("vetset:" + std::string(name)).key("value").value(printable(value)).end_object();
}

void licences(JsonWriter& w, const Card& c) {
  const std::vector<CardLicence> all = licence_of(c);
  if (all.empty()) return;
  w.key("licenses").begin_array();
  for (const CardLicence& l : all) {
    w.begin_object().key("license").begin_object();
    if (l.spdx.empty())
      w.key("name").value(flowing(printable(l.name)));
    else
      w.key("id").value(l.spdx);
    w.end_object().end_object();
  }
  w.end_array();
}

void data_component(JsonWriter& w, const Card& c) {
  w.begin_object().key("type").value("data").key("bom-ref").value("dataset");
  w.key("name").value(printable(c.name));
  if (!c.version.empty()) w.key("version").value(c.version);
  w.key("description").value(described(c));
  licences(w, c);
  if (const std::string said = flowing(c.answers.text("rights.attribution")); !said.empty())
    w.key("copyright").value(said);
  w.key("data").begin_array().begin_object().key("type").value("dataset").key("name").value(printable(c.name));
  w.key("contents").begin_object().key("properties").begin_array();
  property(w, "images", std::to_string(c.stats.counts.images));
  property(w, "objects", std::to_string(c.stats.counts.annotations));
  property(w, "classes", std::to_string(c.stats.counts.categories));
  for (const SplitStats& s : c.stats.splits)
    if (!s.name.empty()) property(w, "split:" + printable(s.name), std::to_string(s.images));
  w.end_array().end_object();
  if (const std::string level = c.answers.text("rights.confidentiality"); !level.empty())
    w.key("classification").value(level);
  if (const auto& kinds = c.answers.of("people.personal_kinds"); !kinds.empty()) {
    w.key("sensitiveData").begin_array();
    for (const std::string& kind : kinds) w.value(kind);
    w.end_array();
  }
  w.key("description").value(described(c));
  if (const auto& makers = c.answers.of("dataset.creators"); !makers.empty()) {
    w.key("governance").begin_object().key("owners").begin_array();
    for (const std::string& maker : makers)
      w.begin_object().key("organization").begin_object().key("name").value(maker).end_object().end_object();
    w.end_array().end_object();
  }
  w.end_object().end_array();
  w.key("properties").begin_array();
  for (const auto& [name, id] :
       {std::pair{"package_id", c.package_id}, {"dataset_id", c.dataset_id}, {"labels_id", c.labels_id}})
    if (!id.empty()) property(w, name, id);
  if (!c.format.empty()) property(w, "format", c.format);
  w.end_array().end_object();
}

}  // namespace

std::string cyclonedx_json(const Card& c) {
  std::string out;
  JsonWriter w(out);
  w.begin_object().key("$schema").value("http://cyclonedx.org/schema/bom-1.7.schema.json");
  w.key("bomFormat").value("CycloneDX").key("specVersion").value("1.7");
  w.key("serialNumber").value("urn:uuid:" + uuid_of(c.package_id.empty() ? c.labels_id : c.package_id));
  w.key("version").value(1).key("metadata").begin_object().key("tools").begin_object().key("components").begin_array();
  const std::size_t space = c.program.find(' ');
  w.begin_object().key("type").value("application").key("name").value(c.program.substr(0, space));
  w.key("version").value(space == std::string::npos ? "" : c.program.substr(space + 1)).end_object();
  w.end_array().end_object().key("component");
  data_component(w, c);
  w.end_object().key("components").begin_array();
  for (const ManifestFile* f : listed(c)) {
    w.begin_object().key("type").value("file").key("bom-ref").value("file:" + f->path).key("name").value(f->path);
    w.key("hashes").begin_array().begin_object().key("alg").value("SHA-256").key("content").value(f->digest.hex());
    w.end_object().end_array().end_object();
  }
  w.end_array().end_object();
  return pretty_json(out) + "\n";
}

namespace {

class Spdx {
 public:
  explicit Spdx(const Card& c)
      : c_(c), w_(out_), base_("urn:vetset:" + hex_of(c.package_id.empty() ? c.labels_id : c.package_id) + ":") {}

  std::string json() {
    w_.begin_object()
        .key("@context")
        .value("https://spdx.org/rdf/3.0.1/spdx-context.jsonld")
        .key("@graph")
        .begin_array();
    w_.begin_object()
        .key("type")
        .value("CreationInfo")
        .key("@id")
        .value("_:creation")
        .key("specVersion")
        .value("3.0.1");
    w_.key("created")
        .value(c_.today + "T00:00:00Z")
        .key("createdBy")
        .begin_array()
        .value(base_ + "vetset")
        .end_array()
        .end_object();
    begin("SoftwareAgent", "vetset");
    w_.key("name").value(c_.program).end_object();
    const auto& makers = c_.answers.of("dataset.creators");
    if (!makers.empty()) {
      begin("Organization", "maker");
      w_.key("name").value(makers.front()).end_object();
    }
    package(!makers.empty());
    const std::vector<CardLicence> all = licence_of(c_);
    const bool answered = !c_.answers.text("rights.licence").empty();
    licence("declared", "hasDeclaredLicense", all);
    licence("concluded", "hasConcludedLicense", answered ? all : std::vector<CardLicence>());
    files();
    begin("SpdxDocument", "document");
    w_.key("name").value(printable(c_.name)).key("rootElement").begin_array().value(base_ + "dataset").end_array();
    w_.key("element").begin_array();
    for (const std::string& id : elements_)
      if (id != base_ + "document") w_.value(id);
    w_.end_array().key("profileConformance").begin_array().value("core").value("software").value("simpleLicensing");
    // The dataset profile asks for times, a place and a maker, which only people know.
    if (complete_) w_.value("dataset");
    w_.end_array().end_object();
    w_.end_array().end_object();
    return pretty_json(out_) + "\n";
  }

 private:
  void begin(std::string_view type, const std::string& id) {
    elements_.push_back(base_ + id);
    w_.begin_object().key("type").value(type).key("spdxId").value(base_ + id).key("creationInfo").value("_:creation");
  }
  void text(std::string_view key, const std::string& value) {
    if (!value.empty()) w_.key(key).value(value);
  }
  void texts(std::string_view key, const std::vector<std::string>& values) {
    if (values.empty()) return;
    w_.key(key).begin_array();
    for (const std::string& v : values) w_.value(v);
    w_.end_array();
  }
  void hash(const std::string& hex) {
    w_.key("verifiedUsing").begin_array().begin_object().key("type").value("Hash").key("algorithm").value("sha256");
    w_.key("hashValue").value(hex).end_object().end_array();
  }

  void package(bool maker) {
    begin("dataset_DatasetPackage", "dataset");
    w_.key("name").value(printable(c_.name)).key("description").value(described(c_));
    text("software_packageVersion", c_.version);
    w_.key("software_primaryPurpose").value("data");
    const std::string place = c_.answers.text("dataset.homepage"), day = c_.answers.text("dataset.published");
    text("software_downloadLocation", place);
    if (maker) w_.key("originatedBy").begin_array().value(base_ + "maker").end_array();
    if (!day.empty()) w_.key("releaseTime").value(day + "T00:00:00Z");
    if (c_.manifest.epoch) w_.key("builtTime").value(c_.built);
    complete_ = maker && !place.empty() && !day.empty() && c_.manifest.epoch.has_value();
    if (!c_.package_id.empty()) hash(hex_of(c_.package_id));
    text("software_copyrightText", flowing(c_.answers.text("rights.attribution")));
    w_.key("dataset_datasetType").begin_array().value("image").end_array();
    w_.key("dataset_datasetSize").value(c_.stats.counts.images);
    text("dataset_dataCollectionProcess", flowing(c_.answers.text("collection.process")));
    texts("dataset_dataPreprocessing", c_.answers.of("collection.preparation"));
    text("dataset_intendedUse", flowing(c_.answers.text("use.intended")));
    texts("dataset_knownBias", c_.answers.of("use.biases"));
    texts("dataset_anonymizationMethodUsed", c_.answers.of("people.anonymisation"));
    text("dataset_datasetUpdateMechanism", flowing(c_.answers.text("upkeep.plan")));
    text("dataset_confidentialityLevel", c_.answers.text("rights.confidentiality"));
    const std::string sensitive = c_.answers.text("people.sensitive");
    w_.key("dataset_hasSensitivePersonalInformation");
    w_.value(sensitive == "present" ? "yes" : sensitive == "none" ? "no" : "noAssertion").end_object();
  }

  void licence(const std::string& id, std::string_view relation, const std::vector<CardLicence>& all) {
    std::string expression, words;
    bool known = !all.empty();
    for (const CardLicence& l : all) {
      known = known && !l.spdx.empty();
      expression += (expression.empty() ? "" : " AND ") + l.spdx;
      words += (words.empty() ? "" : "; ") + flowing(printable(l.name));
    }
    if (known) {
      begin("simplelicensing_LicenseExpression", id);
      w_.key("simplelicensing_licenseExpression").value(expression).end_object();
    } else if (!all.empty()) {
      begin("simplelicensing_SimpleLicensingText", id);
      w_.key("simplelicensing_licenseText").value(words).end_object();
    }
    begin("Relationship", id + "-licence");
    w_.key("from").value(base_ + "dataset").key("relationshipType").value(relation).key("to").begin_array();
    w_.value(all.empty() ? "https://spdx.org/rdf/3.0.1/terms/ExpandedLicensing/NoAssertionLicense" : base_ + id);
    w_.end_array().end_object();
  }

  void files() {
    const std::vector<const ManifestFile*> all = listed(c_);
    if (all.empty()) return;
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < all.size(); ++i) {
      begin("software_File", "file-" + std::to_string(i));
      ids.push_back(elements_.back());
      w_.key("name").value(all[i]->path);
      hash(all[i]->digest.hex());
      w_.end_object();
    }
    begin("Relationship", "contains");
    w_.key("from").value(base_ + "dataset").key("relationshipType").value("contains").key("to").begin_array();
    for (const std::string& id : ids) w_.value(id);
    w_.end_array().end_object();
  }

  const Card& c_;
  std::string out_;
  JsonWriter w_;
  std::string base_;
  std::vector<std::string> elements_;
  bool complete_ = false;
};

}  // namespace

std::string spdx_json(const Card& c) { return Spdx(c).json(); }

}  // namespace vetset

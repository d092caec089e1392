#include "vetset/package/croissant.h"

#include <algorithm>
#include <map>
#include <set>

#include "vetset/base/json.h"
#include "vetset/package/licence_names.h"

namespace vetset {
namespace {

constexpr std::size_t most_shards = 2000;  // mlcroissant unpacks every one before it gives a record
constexpr std::string_view image_files = "image-files";

// The context of Croissant 1.1, key by key as its examples have it.
constexpr std::string_view context = R"({"@language":"en","@vocab":"https://schema.org/","arrayShape":"cr:arrayShape",
"citeAs":"cr:citeAs","column":"cr:column","conformsTo":"dct:conformsTo","containedIn":"cr:containedIn",
"cr":"http://mlcommons.org/croissant/","data":{"@id":"cr:data","@type":"@json"},
"dataType":{"@id":"cr:dataType","@type":"@vocab"},"dct":"http://purl.org/dc/terms/",
"description":{"@container":"@language"},"equivalentProperty":"cr:equivalentProperty",
"examples":{"@id":"cr:examples","@type":"@json"},"extract":"cr:extract","field":"cr:field",
"fileObject":"cr:fileObject","fileProperty":"cr:fileProperty","fileSet":"cr:fileSet","format":"cr:format",
"includes":"cr:includes","isArray":"cr:isArray","isLiveDataset":"cr:isLiveDataset","jsonPath":"cr:jsonPath",
"key":"cr:key","md5":"cr:md5","name":{"@container":"@language"},"parentField":"cr:parentField","path":"cr:path",
"prov":"http://www.w3.org/ns/prov#","rai":"http://mlcommons.org/croissant/RAI/","recordSet":"cr:recordSet",
"references":"cr:references","regex":"cr:regex","repeated":"cr:repeated","replace":"cr:replace",
"samplingRate":"cr:samplingRate","sc":"https://schema.org/","separator":"cr:separator","source":"cr:source",
"subField":"cr:subField","transform":"cr:transform"})";

enum class Shape : std::uint8_t { one, list, lists };

struct Column {
  std::string_view name, type;
  Shape shape = Shape::one;
};
constexpr std::string_view text = "sc:Text", whole = "sc:Integer", number = "sc:Float", truth = "sc:Boolean";

constexpr Column sample_columns[] = {
    {"sample_id", text},   {"path", text},       {"width", whole},     {"height", whole}, {"splits", text, Shape::list},
    {"state", text},       {"licence_id", text}, {"attributes", text}, {"media", text},   {"media_sha256", text},
    {"media_size", whole},
};
constexpr Column category_columns[] = {
    {"category_id", text},
    {"name", text},
    {"supercategory", text},
    {"keypoints", text, Shape::list},
    {"skeleton", whole, Shape::lists},
};
constexpr Column annotation_columns[] = {
    {"ann_id", text},
    {"kind", text},
    {"x", number},
    {"y", number},
    {"width", number},
    {"height", number},
    {"area", number},
    {"score", number},
    {"polygon", number, Shape::lists},
    {"keypoints", number, Shape::list},
    {"numbers", number, Shape::list},
    {"mask_height", whole},
    {"mask_width", whole},
    {"mask_counts", text},
    {"attributes", text},
};
constexpr Column split_columns[] = {{"split_id", text}, {"name", text}, {"role", text}};

/// The path as seen from the folder that the manifest lies in.
std::string beside_manifest(const Manifest& m, std::string_view path) {
  if (m.form == Form::directory) return std::string(path);
  const std::string own = std::string(seal_folder) + "/";
  return path.starts_with(own) ? std::string(path.substr(own.size())) : "../" + std::string(path);
}

std::string_view image_type(std::string_view path) {
  std::string extension;
  for (const char c : extension_of(path)) extension += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  static constexpr std::pair<std::string_view, std::string_view> types[] = {
      {"avif", "image/avif"}, {"bmp", "image/bmp"},   {"gif", "image/gif"},   {"heic", "image/heic"},
      {"jp2", "image/jp2"},   {"jpeg", "image/jpeg"}, {"jpg", "image/jpeg"},  {"png", "image/png"},
      {"tif", "image/tiff"},  {"tiff", "image/tiff"}, {"webp", "image/webp"},
  };
  for (const auto& [known, type] : types)
    if (extension == known) return type;
  return "application/octet-stream";
}

std::string_view file_type(const ManifestFile& f) {
  if (f.path.ends_with(".parquet")) return "application/x-parquet";
  if (f.path.ends_with(".json")) return "application/json";
  if (f.path.ends_with(".csv")) return "text/csv";
  if (f.path.ends_with(".xml")) return "text/xml";
  return f.path.ends_with(".tar") ? "application/x-tar" : "text/plain";
}

class Metadata {
 public:
  Metadata(const Manifest& m, const Dataset& d, const Answers& answers) : m_(m), d_(d), answers_(answers), w_(out_) {
    for (const ManifestFile& f : m_.files) {
      if (f.role == Role::table) tables_.emplace(base_name(f.path), &f);
      if (f.role == Role::media && f.path.ends_with(".tar")) shards_.push_back(&f);
      if (f.role == Role::media) has_media_ = true;
    }
    sharded_ = m_.media == "shards" && !shards_.empty();
    const bool lite = sharded_ && shards_.size() > most_shards;
    // Of a sealed folder the images lie above the metadata, where a reader does not look.
    with_images_ = has_media_ && !lite && m_.form == Form::directory;
    std::set<std::string_view> types;
    for (const Image& i : d_.images)
      if (!i.media.empty()) types.insert(image_type(d_.text(i.media)));
    image_types_.assign(types.begin(), types.end());
  }

  std::string json() {
    w_.begin_object().key("@context").raw(context).key("@type").value("sc:Dataset");
    w_.key("conformsTo").begin_array().value("http://mlcommons.org/croissant/1.1");
    w_.value("http://mlcommons.org/croissant/RAI/1.0").end_array();
    describe();
    w_.key("distribution").begin_array();
    distribute();
    w_.end_array().key("recordSet").begin_array();
    records();
    w_.end_array().end_object();
    return pretty_json(out_) + "\n";
  }

 private:
  void texts(std::string_view key, const std::vector<std::string>& values, bool one = false) {
    if (values.empty()) return;
    w_.key(key);
    if (one || values.size() == 1) {
      w_.value(values.front());
      return;
    }
    w_.begin_array();
    for (const std::string& v : values) w_.value(v);
    w_.end_array();
  }

  std::string description() const {
    if (const std::string said = answers_.text("dataset.description"); !said.empty()) return said;
    const auto of = [](std::size_t n, std::string_view one, std::string_view many) {
      return std::to_string(n) + " " + std::string(n == 1 ? one : many);
    };
    return of(d_.images.size(), "image", "images") + " with " + of(d_.annotations.size(), "object", "objects") +
           " of " + of(d_.categories.size(), "class", "classes") + ".";
  }

  void describe() {
    w_.key("name").value(m_.name).key("description").value(description());
    w_.key("version").value(m_.version).key("identifier").value(m_.dataset_id.text());
    std::vector<std::string> licences;
    const auto page = [](const std::string& spdx) { return "https://spdx.org/licenses/" + spdx; };
    if (const std::string said = answers_.text("rights.licence"); !said.empty()) {
      const std::string spdx = spdx_id(said, said);
      licences.push_back(spdx.empty() ? said : page(spdx));
    } else {
      for (const NamedLicence& l : licences_of(d_)) {
        std::string one = !l.spdx.empty() ? page(l.spdx) : l.url.empty() ? l.name : l.url;
        if (std::find(licences.begin(), licences.end(), one) == licences.end()) licences.push_back(std::move(one));
      }
    }
    texts("license", licences);
    texts("url", answers_.of("dataset.homepage"), true);
    texts("alternateName", answers_.of("dataset.title"), true);
    texts("citeAs", answers_.of("dataset.citation"), true);
    texts("datePublished", answers_.of("dataset.published"), true);
    if (const auto& creators = answers_.of("dataset.creators"); !creators.empty()) {
      w_.key("creator").begin_array();
      for (const std::string& name : creators)
        w_.begin_object().key("@type").value("sc:Organization").key("name").value(name).end_object();
      w_.end_array();
    }
    if (!m_.parents.empty()) {
      w_.key("prov:wasDerivedFrom").begin_array();
      for (const Parent& p : m_.parents) w_.begin_object().key("@id").value("urn:" + p.dataset_id.text()).end_object();
      w_.end_array();
    }
    for (const Question& q : questions())
      if (!q.rai.empty()) texts("rai:" + std::string(q.rai), answers_.of(q.key), q.one);
  }

  void file_object(const ManifestFile& f) {
    const std::string url = beside_manifest(m_, f.path);
    w_.begin_object().key("@type").value("cr:FileObject").key("@id").value(url);
    w_.key("name").value(base_name(f.path)).key("contentUrl").value(url);
    w_.key("contentSize").value(std::to_string(f.size) + " B").key("encodingFormat").value(file_type(f));
    w_.key("sha256").value(f.digest.hex()).end_object();
  }

  void distribute() {
    for (const auto& [name, file] : tables_) file_object(*file);
    if (tables_.empty())
      for (const ManifestFile& f : m_.files)
        if (f.role == Role::label) file_object(f);
    if (!with_images_) return;
    if (sharded_)
      for (const ManifestFile* f : shards_) file_object(*f);
    w_.begin_object().key("@type").value("cr:FileSet").key("@id").value(image_files).key("name").value(image_files);
    if (sharded_) {
      w_.key("containedIn").begin_array();
      for (const ManifestFile* f : shards_) w_.begin_object().key("@id").value(f->path).end_object();
      w_.end_array();
    }
    w_.key("encodingFormat").begin_array();
    for (const std::string_view type : image_types_) w_.value(type);
    w_.end_array();
    // A member of a shard has a dot in its name; the folder that a shard is unpacked to has none.
    w_.key("includes");
    if (sharded_ || !tables_.empty()) {
      w_.value(sharded_ ? "*.*" : "media/**");
    } else {
      w_.begin_array();
      std::set<std::string> folders;
      for (const Image& i : d_.images) {
        const std::string_view path = d_.text(i.media);
        const std::size_t slash = path.rfind('/');
        const std::size_t dot = path.rfind('.');
        if (!path.empty() && dot != std::string_view::npos)
          folders.insert(std::string(slash == std::string_view::npos ? "" : path.substr(0, slash + 1)) + "*" +
                         std::string(path.substr(dot)));
      }
      for (const std::string& pattern : folders) w_.value(pattern);
      w_.end_array();
    }
    w_.end_object();
  }

  void begin_set(std::string_view id, std::string_view key = {}) {
    w_.begin_object().key("@type").value("cr:RecordSet").key("@id").value(id).key("name").value(id);
    if (id == "splits") w_.key("dataType").value("cr:Split");
    if (!key.empty())
      w_.key("key").begin_object().key("@id").value(std::string(id) + "/" + std::string(key)).end_object();
    w_.key("field").begin_array();
  }
  void end_set() { w_.end_array().end_object(); }

  void begin_field(std::string_view set, std::string_view name, std::string_view type, Shape shape) {
    w_.begin_object().key("@type").value("cr:Field").key("@id").value(std::string(set) + "/" + std::string(name));
    w_.key("name").value(name).key("dataType");
    if (name == "splits" || (set == "memberships" && name == "split_id"))
      w_.begin_array().value(type).value("cr:Split").end_array();
    else
      w_.value(type);
    if (shape != Shape::one)
      w_.key("isArray").value(true).key("arrayShape").value(shape == Shape::list ? "-1" : "-1,-1");
  }
  void references(std::string_view field) {
    w_.key("references").begin_object().key("field").begin_object().key("@id").value(field).end_object().end_object();
  }
  void from_field(std::string_view field) {
    w_.key("source").begin_object().key("field").begin_object().key("@id").value(field).end_object().end_object();
  }
  void begin_source(std::string_view kind, std::string_view id, std::string_view how, std::string_view what) {
    w_.key("source").begin_object().key(kind).begin_object().key("@id").value(id).end_object();
    w_.key("extract").begin_object().key(how).value(what).end_object();
  }
  void regex(std::string_view pattern) { w_.key("transform").begin_object().key("regex").value(pattern).end_object(); }

  std::string table(std::string_view set) const {
    const auto found = tables_.find(std::string(set) + ".parquet");
    return found == tables_.end() ? std::string() : beside_manifest(m_, found->second->path);
  }
  void column(std::string_view set, const Column& c, std::string_view refers_to = {}) {
    begin_field(set, c.name, c.type, c.shape);
    begin_source("fileObject", table(set), "column", c.name);
    w_.end_object();
    if (!refers_to.empty()) references(refers_to);
    w_.end_object();
  }

  void records() {
    if (table("samples").empty() || table("annotations").empty()) {
      classes_and_splits();
      return;
    }
    begin_set("samples", "sample_id");
    for (const Column& c : sample_columns) column("samples", c);
    if (with_images_) {  // the file's name as the set of image files knows it
      begin_field("samples", "media_file", text, Shape::one);
      begin_source("fileObject", table("samples"), "column", "media");
      regex(sharded_ ? "(?:.*/)?([^/]+)$" : "(.*)");
      w_.end_object().end_object();
    }
    end_set();
    if (!table("categories").empty()) {
      begin_set("categories", "category_id");
      for (const Column& c : category_columns) column("categories", c);
      end_set();
    }
    annotations();
    if (!table("splits").empty()) {
      begin_set("splits", "split_id");
      for (const Column& c : split_columns) column("splits", c);
      end_set();
    }
    if (!table("memberships").empty()) {
      begin_set("memberships");
      column("memberships", {"split_id", text}, "splits/split_id");
      column("memberships", {"sample_id", text}, "samples/sample_id");
      named("memberships", "split", "splits/name");
      end_set();
    }
    if (with_images_) images();
  }

  void named(std::string_view set, std::string_view name, std::string_view field) {
    begin_field(set, name, text, Shape::one);
    from_field(field);
    w_.end_object();
  }

  void annotations() {
    begin_set("annotations", "ann_id");
    // mlcroissant follows the first reference of a set alone: that to the class, which gives its name.
    const bool classes = !d_.categories.empty() && !table("categories").empty();
    column("annotations", {"category_id", text}, classes ? "categories/category_id" : "");
    if (classes) named("annotations", "category", "categories/name");
    column("annotations", {"sample_id", text}, d_.images.size() == 0 ? "" : "samples/sample_id");
    for (const Column& c : annotation_columns) column("annotations", c);
    for (unsigned i = 0; i < flag_count; ++i) column("annotations", {name(static_cast<Flag>(i)), truth});
    end_set();
  }

  void images() {
    begin_set("images");
    begin_field("images", "file", text, Shape::one);
    begin_source("fileSet", image_files, "fileProperty", sharded_ ? "filename" : "fullpath");
    regex("(.*)");  // makes a text of what mlcroissant holds as a path
    w_.end_object();
    references("samples/media_file");
    w_.end_object();
    begin_field("images", "image", "sc:ImageObject", Shape::one);
    begin_source("fileSet", image_files, "fileProperty", "content");
    w_.end_object().end_object();
    for (const Column& c : sample_columns) {
      if (c.name != "sample_id" && c.name != "path" && c.name != "width" && c.name != "height" && c.name != "splits")
        continue;
      begin_field("images", c.name, c.type, c.shape);
      from_field("samples/" + std::string(c.name));
      w_.end_object();
    }
    end_set();
  }

  /// Of a dataset without tables: what can be said in the metadata itself.
  void classes_and_splits() {
    const auto plain_set = [&](std::string_view id, const std::vector<std::string>& names) {
      if (names.empty()) return;
      begin_set(id, "name");
      begin_field(id, "name", text, Shape::one);
      w_.end_object().end_array().key("data").begin_array();
      for (const std::string& n : names) w_.begin_object().key(std::string(id) + "/name").value(n).end_object();
      w_.end_array().end_object();
    };
    std::vector<std::string> classes, splits;
    for (const Category& c : d_.categories) classes.push_back(c.name);
    for (const Split& s : d_.splits)
      if (!s.name.empty() && std::find(splits.begin(), splits.end(), s.name) == splits.end()) splits.push_back(s.name);
    plain_set("categories", classes);
    plain_set("splits", splits);
  }

  const Manifest& m_;
  const Dataset& d_;
  const Answers& answers_;
  std::string out_;
  JsonWriter w_;
  std::map<std::string, const ManifestFile*> tables_;  // by base name
  std::vector<const ManifestFile*> shards_;
  std::vector<std::string_view> image_types_;
  bool has_media_ = false, sharded_ = false, with_images_ = false;
};

}  // namespace

std::string croissant_json(const Manifest& manifest, const Dataset& dataset, const Answers& answers) {
  return Metadata(manifest, dataset, answers).json();
}

std::vector<Drift> croissant_drift(std::string_view json, const Manifest& manifest) {
  const auto metadata = Json::parse(json);
  if (!metadata) return {{{}, {}, {}, "is no JSON: " + to_string(metadata.error())}};
  std::vector<Drift> drifts;
  const auto compare = [&](std::string_view key, const std::string& expected) {
    const std::string found(metadata->text_or(key, ""));
    if (found != expected) drifts.push_back({std::string(key), expected, found, "is not the manifest's"});
  };
  compare("name", manifest.name);
  compare("version", manifest.version);
  compare("identifier", manifest.dataset_id.text());
  const Json* files = metadata->find("distribution");
  std::map<std::string, const ManifestFile*> listed;
  for (const ManifestFile& f : manifest.files)
    if (f.role != Role::media || f.path.ends_with(".tar")) listed.emplace(beside_manifest(manifest, f.path), &f);
  std::set<std::string> described;
  if (files != nullptr)
    for (const Json& f : files->elements()) {
      if (f.text_or("@type", "") != "cr:FileObject") continue;
      const std::string url(f.text_or("contentUrl", ""));
      described.insert(url);
      const auto found = listed.find(url);
      if (found == listed.end())
        drifts.push_back({url, {}, {}, "is described and not listed in the manifest"});
      else if (const std::string digest = found->second->digest.hex(); f.text_or("sha256", "") != digest)
        drifts.push_back({url, digest, std::string(f.text_or("sha256", "")), "has another digest in the manifest"});
    }
  for (const ManifestFile& f : manifest.files)
    if (const std::string url = beside_manifest(manifest, f.path); f.role == Role::table && !described.contains(url))
      drifts.push_back({url, {}, {}, "is listed in the manifest and not described"});
  return drifts;
}

}  // namespace vetset

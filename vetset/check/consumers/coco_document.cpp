#include "vetset/check/consumers/coco_document.h"

#include <cmath>

#include "vetset/base/json.h"
#include "vetset/base/unicode.h"

namespace vetset::coco_parts {
namespace {

Key number_key(std::string_view token) {
  const NumberText n = read_number(token);
  if (n.integer) return {Key::Kind::number, token == "-0" ? "0" : std::string(token)};
  std::string text;
  if (!std::isfinite(n.value)) return {Key::Kind::fraction, std::string(token)};
  if (n.value == std::floor(n.value) && std::abs(n.value) < 9e15) {
    append_number(text, static_cast<std::int64_t>(n.value));
    return {Key::Kind::fraction, std::move(text)};
  }
  append_number(text, n.value);
  return {Key::Kind::fraction, std::move(text)};
}

Key read_key(JsonCursor& in) {
  switch (in.type()) {
    case JsonType::number: return number_key(in.skip());
    case JsonType::string: return {Key::Kind::text, std::string(in.read_string())};
    case JsonType::boolean: return {Key::Kind::fraction, in.read_bool() ? "1" : "0"};  // no int
    case JsonType::null: in.skip(); return {Key::Kind::null, "null"};
    case JsonType::array:
    case JsonType::object: break;
  }
  in.skip();
  return {Key::Kind::unhashable, {}};
}

/// A first part of four numbers or fewer is no polygon (maskUtils.frPyObjects takes it for a box, and stops).
Segmentation read_segmentation(JsonCursor& in) {
  if (in.type() == JsonType::null) return in.skip(), Segmentation::null;
  if (in.type() == JsonType::object) return in.skip(), Segmentation::usual;
  if (in.type() != JsonType::array) return in.skip(), Segmentation::odd;
  Segmentation found = Segmentation::empty_list;
  std::size_t part = 0;
  for (in.enter_array(); in.next_element(); ++part) {
    if (part > 0) {
      in.skip();
      continue;
    }
    if (in.type() != JsonType::array) {
      found = in.type() == JsonType::number ? Segmentation::flat_list : Segmentation::odd;
      in.skip();
      continue;
    }
    std::size_t numbers = 0;
    for (in.enter_array(); in.next_element(); ++numbers) in.skip();
    found = numbers > 4 ? Segmentation::usual : Segmentation::odd;
  }
  return found;
}

class DocumentReader {
 public:
  explicit DocumentReader(Document& document) : d_(document) {}

  void read(const JsonSlice& slice) {
    if (slice.member != "annotations" && slice.member != "images" && slice.member != "categories") return;
    bool& seen = slice.member == "annotations" ? d_.has_annotations
                 : slice.member == "images"    ? d_.has_images
                                               : d_.has_categories;
    seen = true;
    if (!slice.records) return refuse("'" + slice.member + "' is no list");
    JsonCursor in(slice.text);
    while (in.next_record()) {
      const std::uint64_t offset = slice.offset + in.offset();
      if (in.type() != JsonType::object) {
        in.skip();
        refuse("a record of '" + slice.member + "' is no object");
        continue;
      }
      if (slice.member == "annotations")
        read_annotation(in, offset);
      else if (slice.member == "images")
        read_image(in, offset);
      else
        read_category(in);
    }
    if (in.failed()) refuse("is no JSON: " + in.error_text());
  }
  void refuse(std::string why) {
    if (d_.refused.empty()) d_.refused = std::move(why);
  }

 private:
  void read_annotation(JsonCursor& in, std::uint64_t offset) {
    AnnotationRecord r{.offset = offset};
    for (in.enter_object(); in.next_member();) {
      const std::string_view key = in.key();
      if (key == "id") {
        r.id = read_key(in);
      } else if (key == "image_id") {
        r.image = read_key(in);
      } else if (key == "category_id") {
        r.category = read_key(in);
      } else if (key == "segmentation") {
        r.segmentation = read_segmentation(in);
      } else {
        r.area = r.area || key == "area";
        r.crowd = r.crowd || key == "iscrowd";
        r.box = r.box || key == "bbox";
        in.skip();
      }
    }
    d_.annotations.push_back(std::move(r));
  }
  void read_image(JsonCursor& in, std::uint64_t offset) {
    ImageRecord r{.offset = offset};
    bool width = false, height = false;
    for (in.enter_object(); in.next_member();) {
      const std::string_view key = in.key();
      if (key == "id") {
        r.id = read_key(in);
      } else if (key == "file_name" && in.type() == JsonType::string) {
        r.file_name = in.read_string();
        r.named = true;
      } else {
        width = width || key == "width";
        height = height || key == "height";
        in.skip();
      }
    }
    r.sized = width && height;
    d_.images.push_back(std::move(r));
  }
  void read_category(JsonCursor& in) {
    Key id;
    for (in.enter_object(); in.next_member();)
      if (in.key() == "id")
        id = read_key(in);
      else
        in.skip();
    d_.categories.push_back(std::move(id));
  }

  Document& d_;
};

/// What stops the building of the index, in the order in which it is built.
std::string index_fault(const Document& d) {
  const auto fault = [](const Key& key, std::string_view what) -> std::string {
    if (key.kind == Key::Kind::absent) return std::string(what) + " is missing from a record: KeyError";
    if (key.kind == Key::Kind::unhashable) return std::string(what) + " of a record is a list or an object: TypeError";
    return {};
  };
  for (const AnnotationRecord& a : d.annotations)
    for (const auto& [key, what] : {std::pair(&a.image, "'image_id'"), std::pair(&a.id, "'id'")})
      if (std::string why = fault(*key, what); !why.empty()) return why;
  for (const ImageRecord& i : d.images)
    if (std::string why = fault(i.id, "'id'"); !why.empty()) return why;
  for (const Key& id : d.categories)
    if (std::string why = fault(id, "'id'"); !why.empty()) return why;
  if (d.has_categories)
    for (const AnnotationRecord& a : d.annotations)
      if (std::string why = fault(a.category, "'category_id'"); !why.empty()) return why;
  return {};
}

void index(Document& d) {
  for (std::size_t i = 0; i < d.annotations.size(); ++i) d.annotation_of[d.annotations[i].id] = i;
  for (std::size_t i = 0; i < d.images.size(); ++i) d.image_of[d.images[i].id] = i;
  for (std::size_t i = 0; i < d.categories.size(); ++i) d.category_of[d.categories[i]] = i;
}

/// Nothing where the file is another kind of JSON.
Result<bool> read_document(const Tree& tree, Document& d) {
  DocumentReader reader(d);
  auto slicer = JsonSlicer::open(tree, d.path);
  if (!slicer) return false;
  if (slicer->is_array()) return false;
  for (;;) {
    auto slice = slicer->next();
    if (!slice) {
      reader.refuse("is no JSON: " + slice.error().message);
      return d.has_images || d.has_annotations;
    }
    if (!*slice) break;
    reader.read(**slice);
  }
  if (slicer->had_bom()) reader.refuse("begins with a byte order mark: JSONDecodeError");
  if (slicer->bad_utf8()) reader.refuse("is not UTF-8: UnicodeDecodeError");
  if (!d.has_images || !d.has_annotations) return false;
  if (d.refused.empty()) d.refused = index_fault(d);
  if (d.refused.empty()) index(d);
  return true;
}

}  // namespace

Result<std::vector<Document>> read_documents(const Tree& tree, const Progress& progress) {
  std::vector<Document> documents;
  for (const std::string_view path : tree.list()) {
    if (!path.ends_with(".json") || path.starts_with(".") || path.find("/.") != std::string_view::npos) continue;
    if (progress.stopped()) return Error{Code::cancelled, "was stopped while documents were looked at"};
    Document document{.path = std::string(path)};
    VETSET_TRY(const bool is_coco, read_document(tree, document));
    if (is_coco) documents.push_back(std::move(document));
  }
  return documents;
}

bool sorts(const std::unordered_map<Key, std::size_t, KeyHash>& keys) {
  bool numbers = false, others = false, nulls = false;
  for (const auto& [key, at] : keys) {
    numbers = numbers || key.kind == Key::Kind::number || key.kind == Key::Kind::fraction;
    others = others || key.kind == Key::Kind::text;
    nulls = nulls || key.kind == Key::Kind::null;
  }
  return numbers + others + nulls <= 1 && !(nulls && keys.size() > 1);
}

void Tally::tell(const Tree& tree, const Document& document, Effect::Kind kind, std::string what,
                 ConsumerView& view) const {
  if (count_ == 0) return;
  const auto place = line_column(tree, document.path, first_);
  view.effects.push_back({.kind = kind,
                          .file = document.path,
                          .line = place ? place->line : 0,
                          .objects = count_,
                          .what = std::move(what)});
}

std::string many(std::uint64_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

}  // namespace vetset::coco_parts

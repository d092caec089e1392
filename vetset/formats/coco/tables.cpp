// Images, categories and licences of one slice of a COCO document.
#include "vetset/formats/coco/coco.h"

namespace vetset {
namespace {

/// Reads every object of a slice: `one` reads the members of the record under the cursor, `done` files it. A record in
/// which a modelled key stands twice is read again, with the last of them.
template <class One, class Done, class Undo>
void read_records(CocoPart& part, CocoRecord& record, const JsonSlice& slice, const Limits& limits, const One& one,
                  const Done& done, const Undo& undo) {
  JsonCursor& in = record.in();
  for (std::uint32_t index = 0; in.next_record();) {
    record.set_index(index);
    if (in.type() != JsonType::object) {
      record.begin();
      record.set_index(0xffffffffU);
      in.skip();
      record.note("FMT401", Severity::error, "expected an object, found another value; it is left out");
      continue;
    }
    const std::size_t begin = in.offset();
    const std::size_t notes = part.notes.size();
    record.begin();
    one(in);
    if (in.failed()) return record.fail();
    if (record.repeated()) {
      part.notes.resize(notes);
      undo();
      const std::string text = CocoRecord::last_members(slice.text.substr(begin, in.offset() - begin), limits);
      JsonCursor again(text, limits.depth);
      record.restart(again);
      record.begin();
      one(again);
      record.note("FMT401", Severity::error, "a key stands more than once in the record; the last one holds");
      record.restart(in);
    }
    done(index);
    ++index;
  }
  if (in.failed()) record.fail();
}

/// A size in whole pixels.
std::optional<std::uint32_t> read_size(JsonCursor& in, CocoRecord& record) {
  const bool number = in.type() == JsonType::number;
  const std::string_view json = in.skip();
  const std::int64_t whole = number ? coco_integer(json).value_or(-1) : -1;
  const bool fits = whole >= 0 && whole <= 0xffffffffLL;
  std::string usual;
  append_number(usual, whole);
  if (usual != json || !fits) record.keep_member();
  return fits ? std::optional(static_cast<std::uint32_t>(whole)) : std::nullopt;
}

void read_image_attributes(JsonCursor& in, CocoRecord& record, Dataset& d, std::uint32_t index) {
  if (in.type() != JsonType::object) return record.skip_member();
  bool any = false;
  for (in.enter_object(); in.next_member(); any = true) {
    const Text key = d.add_text(in.key());
    d.attributes.push_back({Owner::image, index, key, d.add_text(in.skip())});
  }
  if (!any && !in.failed()) record.keep("\"attributes\":{}");
}

/// A list of names; nothing, and kept as it is, where it is anything else.
std::optional<std::vector<std::string>> read_names(JsonCursor& in, CocoRecord& record) {
  const bool list = in.type() == JsonType::array;
  JsonCursor inner(in.skip());
  std::vector<std::string> names;
  bool good = list;
  if (list)
    for (inner.enter_array(); good && inner.next_element();) {
      good = inner.type() == JsonType::string;
      if (good) names.emplace_back(inner.read_string());
    }
  if (good) return names;
  record.keep_member();
  return {};
}

using Edges = std::vector<std::pair<std::int64_t, std::int64_t>>;

std::optional<Edges> read_edges(JsonCursor& in, CocoRecord& record) {
  const bool list = in.type() == JsonType::array;
  JsonCursor inner(in.skip());
  Edges edges;
  bool good = list;
  if (list) {
    for (inner.enter_array(); good && inner.next_element();) {
      std::int64_t ends[2] = {};
      std::size_t count = 0;
      good = inner.type() == JsonType::array;
      if (!good) break;
      for (inner.enter_array(); good && inner.next_element(); ++count) {
        good = inner.type() == JsonType::number && count < 2;
        if (!good) break;
        const NumberText n = inner.read_number();
        good = n.fits_int64;
        if (good) ends[count] = n.whole;
      }
      good = good && count == 2;
      edges.emplace_back(ends[0], ends[1]);
    }
  }
  if (good) return edges;
  record.keep_member();
  return {};
}

void fill_ids(Ids& ids, std::size_t records) {
  if (!ids.numbers.empty()) ids.numbers.resize(records, Ids::absent);
}

void drop_last_id(Ids& ids, std::size_t records) {
  if (ids.numbers.size() > records) ids.numbers.resize(records);
  while (!ids.tokens.empty() && ids.tokens.back().owner >= records) ids.tokens.resize(ids.tokens.size() - 1);
}

}  // namespace

CocoPart read_coco_images(const JsonSlice& slice, FileIndex file, const Limits& limits) {
  CocoPart part;
  Dataset& d = part.dataset;
  CocoRecord record(part, slice, limits);
  Image image;
  std::optional<std::uint32_t> width, height;
  const auto index = [&] { return static_cast<std::uint32_t>(d.images.size()); };
  const auto read_licence = [&](JsonCursor& in) {
    const bool number = in.type() == JsonType::number;
    const std::string_view json = in.skip();
    const NumberText n = number ? read_number(json) : NumberText{};
    if (n.fits_int64 && n.whole >= 0 && n.whole < 0xffffffffLL) {
      image.licence = to_index<LicenceIndex>(static_cast<std::size_t>(n.whole));
    } else if (!in.failed()) {
      part.references.push_back({index(), Owner::licence, std::string(json)});
    }
  };
  const auto one = [&](JsonCursor& in) {
    image = {.file = file};
    width = height = {};
    for (in.enter_object(); in.next_member();) {
      const CocoKey key = coco_key(in.key());
      record.again(key);
      switch (key) {
        case CocoKey::id: record.read_id(d.image_ids, index()); break;
        case CocoKey::width: width = read_size(in, record); break;
        case CocoKey::height: height = read_size(in, record); break;
        case CocoKey::license: read_licence(in); break;
        case CocoKey::attributes: read_image_attributes(in, record, d, index()); break;
        case CocoKey::file_name:
          if (const auto name = record.read_text()) {
            image.path = d.add_text(*name);
            if (name->empty()) record.keep_member();
          } else {
            record.note("FMT401", Severity::error, "the file_name is no string");
          }
          break;
        default: record.skip_member();
      }
    }
    if (width && height) {
      image.width = *width;
      image.height = *height;
      image.size_origin = SizeOrigin::stated;
    } else if (width || height) {
      std::string member = width ? "\"width\":" : "\"height\":";
      append_number(member, std::uint64_t{width ? *width : *height});
      record.keep(member);
    }
  };
  const auto done = [&](std::uint32_t i) {
    record.end(Owner::image, i);
    d.images.push_back(image);
    d.image_positions.push_back(Position::at(file, record.offset()));
    fill_ids(d.image_ids, d.images.size());
  };
  const auto undo = [&] {
    drop_last_id(d.image_ids, index());
    while (!d.attributes.empty() && d.attributes.back().index == index()) d.attributes.resize(d.attributes.size() - 1);
    while (!part.references.empty() && part.references.back().record == index()) part.references.pop_back();
  };
  read_records(part, record, slice, limits, one, done, undo);
  return part;
}

CocoPart read_coco_categories(const JsonSlice& slice, const Limits& limits) {
  CocoPart part;
  Dataset& d = part.dataset;
  CocoRecord record(part, slice, limits);
  Category category;
  const auto one = [&](JsonCursor& in) {
    category = {};
    for (in.enter_object(); in.next_member();) {
      const CocoKey key = coco_key(in.key());
      record.again(key);
      switch (key) {
        case CocoKey::id: record.read_id(d.category_ids, d.categories.size()); break;
        case CocoKey::name:
          if (in.type() == JsonType::string) {
            category.name = in.read_string();
            if (category.name.empty()) record.keep_member();
          } else {
            category.name = in.skip();
            record.keep_member();
            record.note("FMT401", Severity::error, "the name of the category is no string");
          }
          break;
        case CocoKey::supercategory:
          if (const auto text = record.read_text()) category.supercategory = *text;
          break;
        case CocoKey::keypoints:
          if (auto names = read_names(in, record)) {
            category.keypoints = *std::move(names);
            category.has_keypoints = true;
          }
          break;
        case CocoKey::skeleton:
          if (auto edges = read_edges(in, record)) {
            category.skeleton = *std::move(edges);
            category.has_skeleton = true;
          }
          break;
        default: record.skip_member();
      }
    }
  };
  const auto done = [&](std::uint32_t i) {
    record.end(Owner::category, i);
    d.categories.push_back(std::move(category));
    fill_ids(d.category_ids, d.categories.size());
  };
  const auto undo = [&] { drop_last_id(d.category_ids, d.categories.size()); };
  read_records(part, record, slice, limits, one, done, undo);
  return part;
}

CocoPart read_coco_licences(const JsonSlice& slice, const Limits& limits) {
  CocoPart part;
  Dataset& d = part.dataset;
  CocoRecord record(part, slice, limits);
  Licence licence;
  const auto one = [&](JsonCursor& in) {
    licence = {};
    for (in.enter_object(); in.next_member();) {
      const CocoKey key = coco_key(in.key());
      record.again(key);
      switch (key) {
        case CocoKey::id: record.read_id(d.licence_ids, d.licences.size()); break;
        case CocoKey::name:
          if (const auto text = record.read_text()) licence.name = *text, licence.has_name = true;
          break;
        case CocoKey::url:
          if (const auto text = record.read_text()) licence.url = *text, licence.has_url = true;
          break;
        default: record.skip_member();
      }
    }
  };
  const auto done = [&](std::uint32_t i) {
    record.end(Owner::licence, i);
    d.licences.push_back(std::move(licence));
    fill_ids(d.licence_ids, d.licences.size());
  };
  const auto undo = [&] { drop_last_id(d.licence_ids, d.licences.size()); };
  read_records(part, record, slice, limits, one, done, undo);
  return part;
}

}  // namespace vetset

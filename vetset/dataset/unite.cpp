#include "vetset/dataset/unite.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "vetset/base/json.h"

namespace vetset {
namespace {

/// Ids that a shift can keep apart: whole numbers, one a record.
struct Range {
  std::int64_t lowest = 0, highest = 0;
};
std::optional<Range> range_of(const Ids& ids, std::size_t records) {
  constexpr std::int64_t most = std::int64_t{1} << 52;
  if (ids.numbers.size() != records || records == 0) return std::nullopt;
  Range range{most, -most};
  for (const std::int64_t id : ids.numbers) {
    if (id == Ids::absent || id == Ids::odd || id > most || id < -most) return std::nullopt;
    range.lowest = std::min(range.lowest, id);
    range.highest = std::max(range.highest, id);
  }
  return range;
}

/// Gives the records of each part ids that no other part has.
class IdGiver {
 public:
  IdPlan give(Ids& ids, std::size_t records) {
    IdPlan plan;
    if (records == 0) return plan;
    if (const auto range = range_of(ids, records)) {
      if (any_ && range->lowest <= highest_) plan.by = highest_ + 1 - range->lowest;
      for (std::int64_t& id : ids.numbers) id += plan.by;
      highest_ = any_ ? std::max(highest_, range->highest + plan.by) : range->highest;
    } else {
      plan = {.counted = true, .by = any_ ? highest_ + 1 : 1};
      ids = {};
      for (std::size_t i = 0; i < records; ++i) ids.numbers.push_back(plan.by + static_cast<std::int64_t>(i));
      highest_ = ids.numbers.back();
    }
    any_ = true;
    return plan;
  }

 private:
  bool any_ = false;
  std::int64_t highest_ = 0;
};

bool has_ids(const std::vector<UnitePart>& parts, Ids Dataset::* ids) {
  return std::any_of(parts.begin(), parts.end(), [&](const UnitePart& p) { return !(p.dataset.*ids).numbers.empty(); });
}

class Uniting {
 public:
  Uniting(std::vector<UnitePart> parts, UniteTables tables)
      : parts_(std::move(parts)),
        image_ids_(has_ids(parts_, &Dataset::image_ids)),
        annotation_ids_(has_ids(parts_, &Dataset::annotation_ids)) {
    Dataset& d = result_.dataset;
    d.categories = std::move(tables.categories);
    for (const std::int64_t id : tables.category_ids) d.category_ids.numbers.push_back(id);
    d.splits = std::move(tables.splits);
    d.licences = std::move(tables.licences);
    if (has_ids(parts_, &Dataset::licence_ids))
      for (std::size_t l = 0; l < d.licences.size(); ++l)
        d.licence_ids.numbers.push_back(static_cast<std::int64_t>(l + 1));
    orders_.resize(d.splits.size());
    category_said_.resize(d.categories.size());
    licence_said_.resize(d.licences.size());
  }

  United take() {
    for (UnitePart& part : parts_) take_part(part);
    Dataset& d = result_.dataset;
    const auto by_owner = [](const auto& a, const auto& b) {
      return std::pair(a.owner, a.index) < std::pair(b.owner, b.index);
    };
    std::stable_sort(d.residues.begin(), d.residues.end(), by_owner);
    std::stable_sort(d.attributes.begin(), d.attributes.end(), by_owner);
    std::stable_sort(memberships_.begin(), memberships_.end(), [](const Membership& a, const Membership& b) {
      return std::pair(a.split, a.order) < std::pair(b.split, b.order);
    });
    for (const Membership& m : memberships_) d.memberships.push_back(m);
    return std::move(result_);
  }

 private:
  void take_part(UnitePart& part) {
    Dataset& d = result_.dataset;
    Dataset& p = part.dataset;
    United::Part& told = result_.parts.emplace_back(United::Part{
        .first_image = d.images.size(), .first_annotation = d.annotations.size(), .first_file = d.files.size()});
    if (image_ids_) told.image_ids = image_giver_.give(p.image_ids, p.images.size());
    if (annotation_ids_) told.annotation_ids = annotation_giver_.give(p.annotation_ids, p.annotations.size());
    take_files(part, told);
    take_owned(part, told);
    take_images(part, told);
    take_members(part, told);
    prepare_annotations(part, told);
    d.append_annotations(std::move(p));
  }

  Text keep(const Dataset& from, Text text) {
    return text.empty() ? Text{} : result_.dataset.add_text(from.text(text));
  }
  template <class Index>
  static void shift(Index& index, std::size_t by) {
    if (index != none<Index>) index = to_index<Index>(to_size(index) + by);
  }

  void take_files(UnitePart& part, const United::Part& told) {
    Dataset& d = result_.dataset;
    Dataset& p = part.dataset;
    for (File file : p.files) {
      file.path = d.add_text(part.files + std::string(p.text(file.path)));
      file.bytes = {};
      file.split = none<SplitIndex>;
      d.files.push_back(file);
    }
    for (Unread& line : p.unread) shift(line.file, told.first_file);
    for (Position& at : p.annotation_positions)
      if (at.known()) at = Position::at(to_index<FileIndex>(to_size(at.file()) + told.first_file), at.offset());
    if (p.image_positions.empty() && d.image_positions.empty()) return;
    d.image_positions.resize(told.first_image);
    for (const Position& at : p.image_positions)
      d.image_positions.push_back(
          at.known() ? Position::at(to_index<FileIndex>(to_size(at.file()) + told.first_file), at.offset()) : at);
    d.image_positions.resize(told.first_image + p.images.size());
  }

  void take_images(const UnitePart& part, const United::Part& told) {
    Dataset& d = result_.dataset;
    const Dataset& p = part.dataset;
    for (std::size_t i = 0; i < p.images.size(); ++i) {
      Image image = p.images[i];
      image.path = d.add_text(part.image_paths[i]);
      image.media = part.media_paths[i].empty() ? Text{} : d.add_text(part.media_paths[i]);
      shift(image.file, told.first_file);
      if (image.licence != none<LicenceIndex>) image.licence = part.licences[to_size(image.licence)];
      d.images.push_back(image);
    }
    if (!image_ids_) return;
    d.image_ids.numbers.append(p.image_ids.numbers.slice(0, p.image_ids.numbers.size()));
  }

  /// An image that two splits of a part hold, which are one now, is in it once.
  void take_members(const UnitePart& part, const United::Part& told) {
    const Dataset& p = part.dataset;
    std::vector<std::pair<SplitIndex, ImageIndex>> seen;
    for (const Membership& m : p.memberships)
      if (const SplitIndex split = part.splits[to_size(m.split)]; split != none<SplitIndex>)
        seen.emplace_back(split, m.image);
    std::vector<std::pair<SplitIndex, ImageIndex>> taken = seen;
    std::sort(taken.begin(), taken.end());
    const bool unique = std::adjacent_find(taken.begin(), taken.end()) == taken.end();
    taken.clear();
    for (const auto& [split, image] : seen) {
      if (!unique) {
        const auto at = std::lower_bound(taken.begin(), taken.end(), std::pair(split, image));
        if (at != taken.end() && *at == std::pair(split, image)) continue;
        taken.insert(at, std::pair(split, image));
      }
      memberships_.push_back(
          {split, to_index<ImageIndex>(to_size(image) + told.first_image), orders_[to_size(split)]++});
    }
  }

  /// Rows of classes, images, splits and licences move here; those of annotations and tracks with these.
  void take_owned(UnitePart& part, const United::Part& told) {
    const Dataset& p = part.dataset;
    const auto takes = [&](Owner owner, std::uint32_t& index) {
      switch (owner) {
        case Owner::image: index += static_cast<std::uint32_t>(told.first_image); return true;
        case Owner::category: return first_to_say(category_said_, part.categories[index], index);
        case Owner::licence: return first_to_say(licence_said_, part.licences[index], index);
        case Owner::split: {
          const SplitIndex split = part.splits[index];
          index = static_cast<std::uint32_t>(split);
          return split != none<SplitIndex>;
        }
        case Owner::dataset: return true;
        case Owner::annotation:
        case Owner::track: break;
      }
      return false;
    };
    const auto move_rows = [&](auto& rows, auto& to, const auto& copy) {
      std::remove_reference_t<decltype(rows)> rest;
      for (auto row : rows) {
        if (row.owner == Owner::annotation || row.owner == Owner::track)
          rest.push_back(row);
        else if (takes(row.owner, row.index))
          to.push_back(copy(row));
      }
      rows = std::move(rest);
    };
    move_rows(part.dataset.residues, owned_residues_, [&](Residue row) {
      row.json = keep(p, row.json);
      return row;
    });
    move_rows(part.dataset.attributes, owned_attributes_, [&](Attribute row) {
      row.key = keep(p, row.key);
      row.value = keep(p, row.value);
      return row;
    });
    for (const Residue& row : owned_residues_) result_.dataset.residues.push_back(row);
    for (const Attribute& row : owned_attributes_) result_.dataset.attributes.push_back(row);
    owned_residues_ = {};
    owned_attributes_ = {};
  }
  /// Of classes that became one, the first part that says something more speaks.
  template <class Index>
  bool first_to_say(std::vector<std::size_t>& said, Index to, std::uint32_t& index) const {
    index = static_cast<std::uint32_t>(to);
    if (to == none<Index>) return false;
    std::size_t& by = said[to_size(to)];
    if (by == 0) by = result_.parts.size();
    return by == result_.parts.size();
  }

  void prepare_annotations(UnitePart& part, const United::Part& told) {
    Dataset& p = part.dataset;
    for (std::size_t i = 0; i < p.annotations.size(); ++i) {
      Annotation& a = p.annotations[i];
      shift(a.image, told.first_image);
      if (a.category != none<CategoryIndex>) a.category = part.categories[to_size(a.category)];
      if (!p.authored.empty() && a.box_origin != Origin::unplaced) p.authored[i] = {};
    }
    for (Track& track : p.tracks) {
      shift(track.video, told.first_image);
      if (track.category != none<CategoryIndex>) track.category = part.categories[to_size(track.category)];
      if (!track.id.empty()) track.id = worded(part, track.id);
    }
    for (Column<Text>* column : {&p.track_ids, &p.group_ids})
      for (Text& id : *column)
        if (!id.empty()) id = worded(part, id);
    const bool placed =
        std::none_of(p.authored.begin(), p.authored.end(), [](const Text& row) { return !row.empty(); });
    if (placed) p.authored = {};
    p.lexemes = {};
    if (!annotation_ids_) p.annotation_ids = {};
    p.files = {};
    p.splits.clear();
    p.memberships = {};
    p.category_listings = {};
    p.licences.clear();
    p.categories.clear();
    p.images = {};
    p.image_positions = {};
  }
  Text worded(UnitePart& part, Text id) {
    if (part.word.empty()) return id;
    const std::string json(part.dataset.text(id));
    JsonCursor in(json);
    const std::string inner = in.type() == JsonType::string ? std::string(in.read_string()) : json;
    std::string out;
    append_json_string(out, part.word + inner);
    return part.dataset.add_text(out);
  }

  std::vector<UnitePart> parts_;
  bool image_ids_, annotation_ids_;
  United result_;
  IdGiver image_giver_, annotation_giver_;
  std::vector<Membership> memberships_;
  std::vector<std::uint32_t> orders_;  // by split
  std::vector<std::size_t> category_said_, licence_said_;
  Column<Residue> owned_residues_;
  Column<Attribute> owned_attributes_;
};

}  // namespace

United united(std::vector<UnitePart> parts, UniteTables tables) {
  return Uniting(std::move(parts), std::move(tables)).take();
}

}  // namespace vetset

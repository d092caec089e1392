// What the readers of annotations, images, categories and licences share: keys, ids, residue, repeated keys.
#include <algorithm>

#include "vetset/formats/coco/coco.h"

namespace vetset {

CocoKey coco_key(std::string_view key) {
  const auto is = [key](std::string_view name, CocoKey one) { return key == name ? one : CocoKey::other; };
  switch (key.size()) {
    case 2: return is("id", CocoKey::id);
    case 3: return is("url", CocoKey::url);
    case 4:
      if (key[0] == 'b') return is("bbox", CocoKey::bbox);
      return key[0] == 'a' ? is("area", CocoKey::area) : is("name", CocoKey::name);
    case 5: return key[0] == 's' ? is("score", CocoKey::score) : is("width", CocoKey::width);
    case 6: return is("height", CocoKey::height);
    case 7:
      if (key[0] == 'i') return is("iscrowd", CocoKey::iscrowd);
      return key[0] == 'c' ? is("caption", CocoKey::caption) : is("license", CocoKey::license);
    case 8:
      if (key[0] == 'i') return is("image_id", CocoKey::image_id);
      return key[0] == 't' ? is("track_id", CocoKey::track_id) : is("skeleton", CocoKey::skeleton);
    case 9: return key[0] == 'k' ? is("keypoints", CocoKey::keypoints) : is("file_name", CocoKey::file_name);
    case 10: return is("attributes", CocoKey::attributes);
    case 11: return is("category_id", CocoKey::category_id);
    case 12: return is("segmentation", CocoKey::segmentation);
    case 13: return is("supercategory", CocoKey::supercategory);
    default: return CocoKey::other;
  }
}

std::uint32_t coco_keys_of(const Dataset& d, std::span<const Residue> rows) {
  std::uint32_t held = 0;
  for (const Residue& row : rows) {
    JsonCursor in(d.text(row.json));
    if (in.type() != JsonType::object) continue;
    for (in.enter_object(); in.next_member(); in.skip()) held |= coco_bit(coco_key(in.key()));
  }
  return held & ~coco_bit(CocoKey::other);
}

CocoRecord::CocoRecord(CocoPart& part, const JsonSlice& slice, const Limits& limits)
    : part_(part), slice_(slice), own_(slice.text, limits.depth), in_(&own_) {}

void CocoRecord::begin() {
  if (in_ == &own_) {
    base_ = slice_.offset + own_.offset();
    odd_ = own_.odd_numbers();
    repeated_ = false;
  }
  extra_.clear();
  seen_ = 0;
}

void CocoRecord::keep(std::string_view member) {
  if (member.empty()) return;
  extra_ += extra_.empty() ? '{' : ',';
  extra_ += member;
}

void CocoRecord::end(Owner owner, std::uint32_t index) {
  if (in_->odd_numbers() != odd_ && in_ == &own_)
    note("FMT401", Severity::error, "the record holds NaN or Infinity, which JSON does not have");
  if (extra_.empty()) return;
  extra_ += '}';
  part_.dataset.residues.push_back({owner, index, part_.dataset.add_text(extra_)});
}

void CocoRecord::note(std::string_view code, Severity severity, std::string message) {
  part_.notes.push_back({code, severity, index_, base_, std::move(message)});
}

bool CocoRecord::again(CocoKey key) {
  if (key == CocoKey::other) return false;
  const bool met = (seen_ & coco_bit(key)) != 0;
  seen_ |= coco_bit(key);
  repeated_ = repeated_ || met;
  return met;
}

void CocoRecord::read_id(Ids& ids, std::size_t record) {
  if (ids.numbers.size() < record) ids.numbers.resize(record, Ids::absent);
  const bool number = in_->type() == JsonType::number;
  const std::string_view json = in_->skip();
  if (number) {
    const NumberText n = read_number(json);
    if (n.fits_int64 && n.whole > Ids::odd) {
      ids.numbers.push_back(n.whole);
      return;
    }
  }
  ids.numbers.push_back(Ids::odd);
  ids.tokens.push_back({static_cast<std::uint32_t>(record), part_.dataset.add_text(json)});
}

std::optional<std::string_view> CocoRecord::read_text() {
  if (in_->type() == JsonType::string) return in_->read_string();
  skip_member();
  return {};
}

std::string CocoRecord::last_members(std::string_view raw, const Limits& limits) {
  std::vector<std::pair<std::string, std::string_view>> members;
  JsonCursor in(raw, limits.depth);
  for (in.enter_object(); in.next_member();) {
    std::string key(in.key());
    in.skip();
    const std::string_view member = in.raw_member();
    const auto same = [&](const auto& m) { return m.first == key; };
    const bool modelled = coco_key(key) != CocoKey::other;
    if (const auto old = std::find_if(members.begin(), members.end(), same); modelled && old != members.end())
      members.erase(old);
    members.emplace_back(std::move(key), member);
  }
  std::string text = "{";
  for (const auto& [key, member] : members) {
    if (text.size() > 1) text += ',';
    text += member;
  }
  return text + '}';
}

void CocoRecord::fail() { part_.broken = CocoPart::Broken{slice_.offset + own_.error_offset(), own_.error_text()}; }

CocoIndex::CocoIndex(const Dataset& d, const Ids& ids, std::size_t begin, std::size_t end,
                     std::vector<std::uint32_t>* repeated) {
  const std::size_t count = end - begin;
  const auto dense_limit = static_cast<std::int64_t>(8 * count + 1024);
  std::int64_t largest = -1;
  for (std::size_t i = begin; i < end; ++i)
    if (const std::int64_t id = ids[i]; id < dense_limit) largest = std::max(largest, id);
  dense_.resize(static_cast<std::size_t>(largest + 1), nothing);
  for (std::size_t i = begin; i < end; ++i) {
    const std::int64_t id = ids[i];
    if (id == Ids::absent || id == Ids::odd) continue;
    const auto record = static_cast<std::uint32_t>(i);
    if (id < 0 || id >= dense_limit) {
      sparse_.emplace_back(id, record);
    } else if (std::uint32_t& slot = dense_[static_cast<std::size_t>(id)]; slot == nothing) {
      slot = record;
    } else if (repeated != nullptr) {
      repeated->push_back(record);
    }
  }
  const auto first = std::lower_bound(ids.tokens.begin(), ids.tokens.end(), begin,
                                      [](const Ids::Token& t, std::size_t at) { return t.owner < at; });
  for (const Ids::Token* t = first; t != ids.tokens.end() && t->owner < end; ++t) {
    const std::string_view json = d.text(t->json);
    if (json == "null") continue;
    if (const auto whole = coco_integer(json)) {
      sparse_.emplace_back(*whole, t->owner);
    } else {
      tokens_.emplace_back(json, t->owner);
    }
  }
  const auto settle = [&](auto& pairs) {
    std::sort(pairs.begin(), pairs.end());
    const auto same = [](const auto& a, const auto& b) { return a.first == b.first; };
    if (repeated != nullptr)
      for (std::size_t i = 1; i < pairs.size(); ++i)
        if (same(pairs[i - 1], pairs[i])) repeated->push_back(pairs[i].second);
    pairs.erase(std::unique(pairs.begin(), pairs.end(), same), pairs.end());
  };
  settle(sparse_);
  settle(tokens_);
  if (repeated != nullptr) std::sort(repeated->begin(), repeated->end());
}

std::uint32_t CocoIndex::find(std::int64_t id) const {
  if (id >= 0 && static_cast<std::size_t>(id) < dense_.size())
    if (const std::uint32_t record = dense_[static_cast<std::size_t>(id)]; record != nothing) return record;
  const auto at = std::lower_bound(sparse_.begin(), sparse_.end(), std::pair{id, std::uint32_t{0}});
  return at != sparse_.end() && at->first == id ? at->second : nothing;
}

std::uint32_t CocoIndex::find(std::string_view json) const {
  if (const auto whole = coco_integer(json)) return find(*whole);
  const auto at = std::lower_bound(tokens_.begin(), tokens_.end(), json,
                                   [](const auto& pair, std::string_view text) { return pair.first < text; });
  return at != tokens_.end() && at->first == json ? at->second : nothing;
}

}  // namespace vetset

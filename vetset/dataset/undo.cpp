#include "vetset/dataset/undo.h"

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "vetset/base/json.h"
#include "vetset/dataset/arrange.h"
#include "vetset/dataset/canonical_rows.h"
#include "vetset/dataset/edit.h"
#include "vetset/dataset/listed_row.h"
#include "vetset/dataset/package_state.h"
#include "vetset/dataset/rows.h"

namespace vetset {
namespace {

constexpr std::uint32_t nobody = 0xffffffffU;

/// The record of a key; `nobody` where there is none.
std::uint32_t find(const KeyColumn& keys, std::string_view key) {
  const std::vector<std::uint32_t>& sorted = keys.sorted();
  const auto found = std::lower_bound(sorted.begin(), sorted.end(), key,
                                      [&](std::uint32_t i, std::string_view wanted) { return keys[i] < wanted; });
  return found != sorted.end() && keys[*found] == key ? *found : nobody;
}

std::uint32_t find_file(const Dataset& d, std::string_view path) {
  for (std::size_t f = 0; f < d.files.size(); ++f)
    if (d.path(to_index<FileIndex>(f)) == path) return static_cast<std::uint32_t>(f);
  return nobody;
}

class TakingBack {
 public:
  TakingBack(Dataset& d, const Pool& pool, std::vector<RestoredMedia>& media)
      : d_(d), pool_(pool), media_(media), keys_(make_row_keys(d, pool)) {}

  Result<void> run(std::span<const ListedEdit> edits) {
    for (const ListedEdit& edit : edits) VETSET_DO(resolve(edit));
    VETSET_DO(read_tables());
    VETSET_DO(take_categories());
    VETSET_DO(take_licences());
    VETSET_DO(take_images());
    VETSET_DO(take_memberships());
    for (const Item& item : files_) {
      File& file = d_.files[item.index];
      file.bom = item.before["bom"] == "true";
      file.bytes = {};
    }
    VETSET_DO(take_annotations());
    return take_listings();
  }

 private:
  /// An edit, and the record that it is of: in the dataset as it is, or once it is there again.
  struct Item {
    const ListedEdit* edit;
    ListedRow before;
    std::uint32_t index = nobody;
    bool dropped = false;

    std::string_view more(std::string_view key) const {
      for (const auto& [own, json] : edit->more)
        if (own == key) return json;
      return {};
    }
  };
  using Items = std::vector<Item>;

  static Error wrong(const ListedEdit& edit, std::string message) {
    return Error{Code::malformed, "list of edits: " + std::move(message), edit.where};
  }
  static Error missing(const ListedEdit& edit, const std::string& what) {
    return Error{Code::not_found,
                 "expected " + what + " as the list of edits says that it was left: " + std::string(edit.after) +
                     "; the dataset is another one, or was changed since",
                 edit.where};
  }

  Items* items_of(std::string_view record) {
    if (record == "annotation") return &annotations_;
    if (record == "image") return &images_;
    if (record == "category") return &categories_;
    if (record == "licence") return &licences_;
    if (record == "split") return &splits_;
    if (record == "membership") return &memberships_;
    return record == "file" ? &files_ : nullptr;
  }
  const KeyColumn* keys_of(std::string_view record) const {
    if (record == "annotation") return &keys_.annotations;
    if (record == "image") return &keys_.images;
    if (record == "category") return &keys_.categories;
    return record == "split" ? &keys_.splits : nullptr;
  }
  static std::string_view key_column(std::string_view record) {
    if (record == "annotation") return "ann_id";
    if (record == "image") return "sample_id";
    if (record == "category") return "category_id";
    return record == "split" ? "split_id" : "licence_id";
  }
  std::string row_of(std::string_view record, std::uint32_t i) const {
    std::string row;
    if (record == "annotation") append_annotation_row(row, d_, keys_, i, RowPart::whole);
    if (record == "image") append_sample_row(row, d_, keys_, i, RowPart::whole);
    if (record == "category") append_category_row(row, d_, keys_, i, RowPart::whole);
    if (record == "split") append_split_row(row, d_, keys_, i);
    return row;
  }

  /// An object that was written and read since, in a measure that is not pixels: the one of that place and class whose
  /// numbers are the same but for the writing.
  std::uint32_t find_respelled(const ListedRow& after) {
    const ImageIndex image{find(keys_.images, text_of(after["sample_id"]))};
    if (!after["authored"].empty() || image == none<ImageIndex> || d_.authored.empty()) return nobody;
    if (of_image_.begin.empty()) of_image_ = d_.image_annotations();
    for (const AnnotationIndex i : of_image_.of(image)) {
      if (d_[i].order != count_of(after["order"]) || d_.authored_text(i).empty()) continue;
      const Text authored = std::exchange(d_.authored[to_size(i)], Text{});
      const ListedRow row(keep(row_of("annotation", static_cast<std::uint32_t>(i))));
      d_.authored[to_size(i)] = authored;
      const bool same = row.with({"ann_id", "box", "shapes"}, {}) == after.with({"ann_id", "box", "shapes"}, {}) &&
                        nearly_equal(row["box"], after["box"]) && nearly_equal(row["shapes"], after["shapes"]);
      if (same) return static_cast<std::uint32_t>(i);
    }
    return nobody;
  }

  Result<void> resolve(const ListedEdit& edit) {
    Items* const items = items_of(edit.record);
    if (items == nullptr) return wrong(edit, "'" + edit.record + "' is no kind of record");
    Item item{.edit = &edit, .before = ListedRow(edit.before), .dropped = edit.after.empty()};
    if (edit.record == "file") {
      item.index = find_file(d_, edit.where);
      if (item.index == nobody) return missing(edit, "this file");
    } else if (!item.dropped) {
      const KeyColumn* const keys = keys_of(edit.record);
      if (keys == nullptr) return wrong(edit, "a " + edit.record + " is only dropped");
      const ListedRow after(edit.after);
      item.index = find(*keys, text_of(after[key_column(edit.record)]));
      const bool respelled = item.index == nobody && edit.record == "annotation";
      if (respelled) item.index = find_respelled(after);
      if (item.index == nobody) return missing(edit, "this " + edit.record);
      // Where a record stands may be another place since: others were dropped, too. And not every format can say that
      // an image was looked at.
      const auto standing = [](const ListedRow& row) { return row.with({"order", "state"}, {}); };
      if (!respelled && standing(ListedRow(row_of(edit.record, item.index))) != standing(after))
        return missing(edit, "this " + edit.record);
      if (const std::string_view file = item.more("media"); edit.record == "image" && !file.empty())
        take_file(d_[ImageIndex{item.index}], ListedRow(file));
      if (!seen_.insert({edit.record, std::to_string(item.index)}).second) return {};  // repaired twice in one round
      if (edit.before.empty()) {
        added_.insert(AnnotationIndex{item.index});
        return {};
      }
    } else if (edit.record != "membership") {
      const std::string key = text_of(item.before[key_column(edit.record)]);
      if (edit.record == "split") return wrong(edit, "a split is never dropped");
      if (!seen_.insert({edit.record + " dropped", key}).second) return {};
    }
    items->push_back(std::move(item));
    return {};
  }

  std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }
  static std::pair<std::string, std::string> order(std::size_t k) { return {"order", std::to_string(k)}; }

  /// Images, classes and licences as they were, as a dataset of their own: record k is that of item k.
  Result<void> read_tables() {
    std::vector<CanonicalRow> rows;
    rows.push_back({"splits", R"({"keys":[],"name":"s","split_id":"s"})"});
    for (std::size_t k = 0; k < images_.size(); ++k) {
      const ListedRow& row = images_[k].before;
      rows.push_back({"samples", keep(row.with({"licence_id"}, {}))});
      rows.push_back({"memberships", keep(R"({"order":)" + std::to_string(k) + R"(,"sample_id":)" +
                                          std::string(row["sample_id"]) + R"(,"split_id":"s"})")});
    }
    for (std::size_t k = 0; k < categories_.size(); ++k)
      rows.push_back({"categories", keep(categories_[k].before.with({"order"}, std::array{order(k)}))});
    for (std::size_t k = 0; k < licences_.size(); ++k)
      rows.push_back({"licences", keep(licences_[k].before.with({"order", "split_id"}, std::array{order(k)}))});
    VETSET_TRY(tables_, dataset_of_rows(rows));
    return {};
  }

  void take_id(Ids& ids, std::size_t records, std::uint32_t to, const Ids& listed, std::size_t from) {
    if (listed[from] == Ids::absent && ids.numbers.empty()) return;
    ids.numbers.resize(std::max(ids.numbers.size(), records), Ids::absent);
    ids.numbers[to] = listed[from];
    Column<Ids::Token> tokens;
    for (const Ids::Token& token : ids.tokens)
      if (token.owner != to) tokens.push_back(token);
    for (const Ids::Token& token : listed.tokens)
      if (token.owner == from) tokens.push_back({to, d_.add_text(tables_.text(token.json))});
    std::stable_sort(tokens.begin(), tokens.end(),
                     [](const Ids::Token& a, const Ids::Token& b) { return a.owner < b.owner; });
    ids.tokens = std::move(tokens);
  }

  void take_owned(Owner owner, std::uint32_t to, std::size_t from) {
    for (const Residue& row : tables_.residues_of(owner, from))
      d_.residues.push_back({owner, to, d_.add_text(tables_.text(row.json))});
    for (const Attribute& row : tables_.attributes_of(owner, from))
      d_.attributes.push_back({owner, to, d_.add_text(tables_.text(row.key)), d_.add_text(tables_.text(row.value))});
    const auto by_owner = [](const auto& a, const auto& b) {
      return std::pair(a.owner, a.index) < std::pair(b.owner, b.index);
    };
    std::stable_sort(d_.residues.begin(), d_.residues.end(), by_owner);
    std::stable_sort(d_.attributes.begin(), d_.attributes.end(), by_owner);
  }

  /// The items that were dropped, by the places that they had.
  static std::vector<std::size_t> by_order(const Items& items) {
    std::vector<std::size_t> dropped;
    for (std::size_t k = 0; k < items.size(); ++k)
      if (items[k].dropped) dropped.push_back(k);
    std::stable_sort(dropped.begin(), dropped.end(), [&](std::size_t a, std::size_t b) {
      return count_of(items[a].before["order"]) < count_of(items[b].before["order"]);
    });
    return dropped;
  }

  Result<void> take_categories() {
    const std::vector<std::size_t> dropped = by_order(categories_);
    const std::size_t total = d_.categories.size() + dropped.size();
    ClassPlan plan;
    auto next = dropped.begin();
    for (std::size_t place = 0, c = 0; place < total; ++place) {
      if (next != dropped.end() &&
          (c == d_.categories.size() || count_of(categories_[*next].before["order"]) <= place)) {
        Item& item = categories_[*next++];
        item.index = static_cast<std::uint32_t>(place);
        plan.classes.push_back({.name = text_of(item.before["name"])});
        plan.renumber = plan.renumber || item.more("renumbered") == "true";
      } else {
        plan.become.push_back(to_index<CategoryIndex>(place));
        plan.classes.push_back({.name = d_.categories[c].name, .from = to_index<CategoryIndex>(c)});
        ++c;
      }
    }
    become_ = plan.become;
    if (!dropped.empty()) d_ = selected(std::move(d_), {.classes = std::move(plan)}).dataset;
    for (std::size_t k = 0; k < categories_.size(); ++k) {
      Item& item = categories_[k];
      if (!item.dropped) item.index = static_cast<std::uint32_t>(become_[item.index]);
      if (item.dropped) {
        d_.categories[item.index] = tables_.categories[k];
        take_owned(Owner::category, item.index, k);
      }
      take_id(d_.category_ids, d_.categories.size(), item.index, tables_.category_ids, k);
      category_of_[text_of(item.before["category_id"])] = CategoryIndex{item.index};
    }
    return {};
  }

  Result<void> take_licences() {
    for (const std::size_t k : by_order(licences_)) {
      Item& item = licences_[k];
      item.index = count_of(item.before["order"]);
      if (item.index > d_.licences.size()) return wrong(*item.edit, "there is no such place among the licences");
      insert_licence(d_, LicenceIndex{item.index});
      d_.licences[item.index] = tables_.licences[k];
      const std::string_view split = item.before["split_id"];
      d_.licences[item.index].split = split.empty() ? none<SplitIndex> : SplitIndex{find(keys_.splits, text_of(split))};
      take_id(d_.licence_ids, d_.licences.size(), item.index, tables_.licence_ids, k);
      take_owned(Owner::licence, item.index, k);
    }
    return {};
  }

  /// Gives an image a file beside that of another (or of itself, as it was called before), and says which it really is.
  void take_media(Image& image, const std::string& beside, std::string real) {
    const std::string path(d_.text(image.path));
    const std::string folder = real.ends_with(beside) ? real.substr(0, real.size() - beside.size()) : std::string();
    const std::string media = folder + path;
    for (const RestoredMedia& known : media_)
      if (known.path == real && known.was.empty()) real = known.real;
    image.media = d_.add_text(media);
    if (media != real) media_.push_back({media, std::move(real)});
  }

  static void take_header(Image& image, std::string_view header) {
    if (header.empty()) return;
    JsonCursor in(header);
    in.enter_array();
    if (in.next_element()) image.width = count_of(in.skip());
    if (in.next_element()) image.height = count_of(in.skip());
    image.size_origin = SizeOrigin::header;
  }

  /// A file whose bytes are to be what they were.
  void take_file(const Image& image, const ListedRow& file) {
    media_.push_back({.path = std::string(d_.text(image.media)),
                      .real = {},
                      .was = text_of(file["path"]),
                      .was_sha256 = text_of(ListedRow(file["before"])["sha256"]),
                      .is_sha256 = text_of(ListedRow(file["after"])["sha256"])});
  }

  FileIndex take_label_file(std::string_view json) {
    const ListedRow row(json);
    const std::string path = text_of(row["path"]);
    if (const std::uint32_t known = find_file(d_, path); known != nobody) return FileIndex{known};
    const auto file = to_index<FileIndex>(d_.files.size());
    const Text named = d_.add_text(path);
    d_.files.push_back({.path = named,
                        .bom = row["bom"] == "true",
                        .crlf = row["crlf"] == "true",
                        .final_newline = row["final_newline"] != "false"});
    if (row["unread"].empty()) return file;
    JsonCursor in(row["unread"]);
    for (in.enter_array(); in.next_element();) {
      in.enter_array();
      if (!in.next_element()) break;
      const std::uint32_t line = count_of(in.skip());
      if (!in.next_element()) break;
      d_.unread.push_back({.file = file, .order = line, .text = d_.add_text(canonical_text(in))});
      if (in.next_element()) break;
    }
    return file;
  }

  bool is_alone(FileIndex file) const {
    return std::count_if(d_.images.begin(), d_.images.end(), [&](const Image& i) { return i.file == file; }) == 1;
  }

  Result<void> take_images() {
    if (images_.empty()) return {};
    for (std::size_t k = 0; k < images_.size(); ++k) {
      Item& item = images_[k];
      if (item.dropped) continue;
      const Image& was = tables_.images[k];
      const std::string path(tables_.text(was.path));
      const bool renamed = d_.path(ImageIndex{item.index}) != path;
      const Text text = renamed ? d_.add_text(path) : Text{};
      Image& image = d_.images[item.index];
      const std::string called(d_.text(image.path));
      if (renamed) image.path = text;
      if (renamed && !image.media.empty()) take_media(image, called, std::string(d_.text(image.media)));
      // A label file that was made to say that there is nothing goes again.
      if (item.more("label_file") == "null" && is_alone(image.file)) image.file = none<FileIndex>;
      image.state = was.state;
      if (was.size_origin == SizeOrigin::stated) {
        image.width = was.width;
        image.height = was.height;
        image.size_origin = SizeOrigin::stated;
      } else if (!item.more("media").empty()) {
        take_header(image, item.more("header"));
      }
      take_id(d_.image_ids, d_.images.size(), item.index, tables_.image_ids, k);
    }
    const RowKeys keys = licences_.empty() ? RowKeys{} : make_row_keys(d_, pool_);
    const KeyColumn& licence_keys = licences_.empty() ? keys_.licences : keys.licences;
    for (std::size_t k = 0; k < images_.size(); ++k) {
      Item& item = images_[k];
      sample_of_[text_of(item.before["sample_id"])] =
          ImageIndex{item.dropped ? static_cast<std::uint32_t>(d_.images.size()) : item.index};
      if (!item.dropped) continue;
      item.index = static_cast<std::uint32_t>(d_.images.size());
      Image image = tables_.images[k];
      image.path = d_.add_text(tables_.text(image.path));
      image.media = {};
      image.file = item.more("label_file").empty() ? none<FileIndex> : take_label_file(item.more("label_file"));
      if (const std::string_view licence = item.before["licence_id"]; !licence.empty()) {
        image.licence = LicenceIndex{find(licence_keys, text_of(licence))};
        if (image.licence == none<LicenceIndex>) return wrong(*item.edit, "names a licence that is none");
      }
      take_header(image, item.more("header"));
      if (const std::string same = text_of(item.more("same_file")); !same.empty())
        for (const Image& stays : d_.images)
          if (d_.text(stays.path) == same && !stays.media.empty()) {
            take_media(image, same, std::string(d_.text(stays.media)));
            break;
          }
      d_.images.push_back(image);
      if (!d_.image_positions.empty()) d_.image_positions.push_back(Position{});
      if (!d_.image_ids.numbers.empty()) d_.image_ids.numbers.push_back(Ids::absent);
      take_id(d_.image_ids, d_.images.size(), item.index, tables_.image_ids, k);
      take_owned(Owner::image, item.index, k);
    }
    return {};
  }

  Result<ImageIndex> image_of(const Item& item) const {
    const std::string_view json = item.before["sample_id"];
    if (json.empty()) return none<ImageIndex>;
    const std::string key = text_of(json);
    if (const auto listed = sample_of_.find(key); listed != sample_of_.end()) return listed->second;
    const ImageIndex image{find(keys_.images, key)};
    if (image == none<ImageIndex>) return missing(*item.edit, "its image " + key);
    return image;
  }
  Result<CategoryIndex> category_of(const Item& item) const {
    const std::string_view json = item.before["category_id"];
    if (json.empty()) return none<CategoryIndex>;
    const std::string key = text_of(json);
    if (const auto listed = category_of_.find(key); listed != category_of_.end()) return listed->second;
    const std::uint32_t known = find(keys_.categories, key);
    if (known == nobody) return missing(*item.edit, "its class " + key);
    return become_[known];
  }

  Result<void> take_memberships() {
    if (memberships_.empty()) return {};
    std::vector<Membership> back;
    std::map<SplitIndex, Gaps> gaps;
    for (const Item& item : memberships_) {
      VETSET_TRY(const ImageIndex image, image_of(item));
      const SplitIndex split{find(keys_.splits, text_of(item.before["split_id"]))};
      if (image == none<ImageIndex> || split == none<SplitIndex>) return missing(*item.edit, "its split");
      back.push_back({.split = split, .image = image, .order = count_of(item.before["order"])});
      gaps[split].add(back.back().order);
      if (const FileIndex list = d_[split].file; list != none<FileIndex>) d_.files[to_size(list)].bytes = {};
    }
    for (auto& [split, own] : gaps) own.sort();
    for (Membership& m : d_.memberships)
      if (const auto own = gaps.find(m.split); own != gaps.end()) m.order = own->second.opened(m.order);
    for (const Membership& m : back) d_.memberships.push_back(m);
    std::stable_sort(d_.memberships.begin(), d_.memberships.end(), [](const Membership& a, const Membership& b) {
      return std::pair(a.split, a.order) < std::pair(b.split, b.order);
    });
    return {};
  }

  /// Annotations as they were, as a part to append: annotation k is that of item k.
  Result<Dataset> read_annotations() {
    std::vector<CanonicalRow> rows;
    std::set<std::string_view> layers;
    for (std::size_t k = 0; k < annotations_.size(); ++k) {
      const Item& item = annotations_[k];
      std::vector<std::pair<std::string, std::string>> added = {order(k)};
      const ListedRow pixels(item.more("pixels"));
      for (const auto& [key, json] : pixels.columns)
        if ((key == "box" || key == "shapes") && item.before[key].empty()) added.emplace_back(key, json);
      rows.push_back({"annotations", keep(item.before.with({"order", "sample_id", "category_id", "authored"}, added))});
      if (!item.before["layer"].empty()) layers.insert(item.before["layer"]);
    }
    std::string named;
    for (const std::string_view layer : layers) named += (named.empty() ? "" : ",") + std::string(layer);
    rows.push_back(
        {"dataset", layers.empty() ? R"({"id":"dataset"})" : keep(R"({"id":"dataset","layers":[)" + named + "]}")});
    VETSET_TRY(Dataset part, dataset_of_rows(rows));
    for (std::size_t k = 0; k < annotations_.size(); ++k) {
      const Item& item = annotations_[k];
      Annotation& a = part.annotations[k];
      VETSET_TRY(a.image, image_of(item));
      VETSET_TRY(a.category, category_of(item));
      a.order = count_of(item.before["order"]);
      const std::string_view origin = item.more("box_origin");
      if (origin == "\"unplaced\"") a.box_origin = Origin::unplaced;
      if (origin == "\"derived\"")
        if (const std::optional<Box> around = shape_box(part, a)) {
          a.box = *around;
          a.box_origin = Origin::derived;
        }
      const std::string authored = text_of(item.more("authored"));
      if (authored.empty() && a.box_origin == Origin::unplaced) return wrong(*item.edit, "has no row as authored");
      if (authored.empty()) continue;
      part.authored.resize(annotations_.size(), Text{});
      part.authored[k] = part.add_text(authored);
    }
    take_positions(part);
    return part;
  }

  void take_positions(Dataset& part) {
    part.annotation_positions.resize(annotations_.size(), Position{});
    for (std::size_t k = 0; k < annotations_.size(); ++k) {
      const Item& item = annotations_[k];
      if (!item.dropped) {
        if (!d_.annotation_positions.empty()) part.annotation_positions[k] = d_.annotation_positions[item.index];
        continue;
      }
      const ImageIndex image = part.annotations[k].image;
      const std::string path = text_of(item.more("file"));
      FileIndex file{find_file(d_, path)};
      if (file == none<FileIndex> && item.more("file_gone") == "true") {
        file = to_index<FileIndex>(d_.files.size());
        const Text named = d_.add_text(path);
        d_.files.push_back({.path = named});
      }
      if (file != none<FileIndex> && (image == none<ImageIndex> || d_[image].file != file))
        part.annotation_positions[k] = Position::at(file, 0);
    }
  }

  Result<void> take_annotations() {
    if (annotations_.empty() && added_.empty()) return {};
    for (const AnnotationIndex i : added_)
      if (const FileIndex file = file_of(d_, i); file != none<FileIndex>) d_.files[to_size(file)].bytes = {};
    VETSET_TRY(Dataset part, read_annotations());
    const std::size_t base = d_.annotations.size();
    d_.append_annotations(std::move(part));
    std::map<FileIndex, Gaps> gaps;
    std::set<FileIndex> touched;
    const auto restored = [&](std::size_t k) { return to_index<AnnotationIndex>(base + k); };
    for (std::size_t k = 0; k < annotations_.size(); ++k) {
      const FileIndex file = file_of(d_, restored(k));
      if (annotations_[k].dropped && annotations_[k].more("order_stays") != "true")
        gaps[file].add(d_[restored(k)].order);
      if (annotations_[k].dropped) touched.insert(file);
      if (file != none<FileIndex>) d_.files[to_size(file)].bytes = {};
    }
    for (auto& [file, own] : gaps) own.sort();
    std::map<FileIndex, std::vector<std::pair<std::uint32_t, std::size_t>>> places;  // order and index of those there
    for (std::size_t i = 0; i < base; ++i) {
      const FileIndex file = file_of(d_, to_index<AnnotationIndex>(i));
      if (const auto own = gaps.find(file); own != gaps.end())
        d_.annotations[i].order = own->second.opened(d_.annotations[i].order);
      if (touched.contains(file)) places[file].emplace_back(d_.annotations[i].order, i);
    }
    for (Unread& line : d_.unread)
      if (const auto own = gaps.find(line.file); own != gaps.end() && !is_new(line.file))
        line.order = own->second.opened(line.order);
    for (auto& [file, own] : places) std::sort(own.begin(), own.end());

    std::vector<AnnotationIndex> instead(d_.annotations.size());
    for (std::size_t i = 0; i < instead.size(); ++i) instead[i] = to_index<AnnotationIndex>(i);
    std::vector<std::tuple<std::size_t, std::uint32_t, std::size_t>> inserted;  // before which, order, item
    for (std::size_t k = 0; k < annotations_.size(); ++k) {
      const Item& item = annotations_[k];
      Annotation& a = d_.annotations[base + k];
      if (!item.dropped) {
        a.order = d_.annotations[item.index].order;
        instead[item.index] = restored(k);
        continue;
      }
      const auto& own = places[file_of(d_, restored(k))];
      const auto behind = std::upper_bound(own.begin(), own.end(), std::pair(a.order, d_.annotations.size()));
      inserted.emplace_back(behind != own.end() ? behind->second
                            : own.empty()       ? base
                                                : own.back().second + 1,
                            a.order, k);
    }
    std::sort(inserted.begin(), inserted.end());
    std::vector<AnnotationIndex> sequence;
    auto next = inserted.begin();
    for (std::size_t i = 0; i <= base; ++i) {
      for (; next != inserted.end() && std::get<0>(*next) == i; ++next)
        sequence.push_back(restored(std::get<2>(*next)));
      if (i < base && !added_.contains(to_index<AnnotationIndex>(i))) sequence.push_back(instead[i]);
    }
    arrange_annotations(d_, sequence, instead);
    return {};
  }
  bool is_new(FileIndex file) const { return to_size(file) >= files_before_; }

  Result<void> take_listings() {
    if (splits_.empty()) return {};
    const RowKeys keys = make_row_keys(d_, pool_);
    Column<CategoryListing> listings;
    for (std::size_t s = 0; s < d_.splits.size(); ++s) {
      const auto split = to_index<SplitIndex>(s);
      const auto item = std::find_if(splits_.begin(), splits_.end(), [&](const Item& i) { return i.index == s; });
      if (item == splits_.end()) {
        for (const CategoryListing& row : d_.category_listings)
          if (row.split == split) listings.push_back(row);
        continue;
      }
      if (item->before["categories"].empty()) continue;
      JsonCursor in(item->before["categories"]);
      for (in.enter_array(); in.next_element();) {
        const std::uint32_t c = find(keys.categories, canonical_text(in));
        if (c == nobody) return wrong(*item->edit, "names a class that is none");
        listings.push_back({split, CategoryIndex{c}});
      }
    }
    d_.category_listings = std::move(listings);
    return {};
  }

  Dataset& d_;
  const Pool& pool_;
  std::vector<RestoredMedia>& media_;
  const RowKeys keys_;  // of the dataset as it came
  Dataset::ImageAnnotations of_image_;
  const std::size_t files_before_ = d_.files.size();
  Dataset tables_;
  std::deque<std::string> texts_;
  Items annotations_, images_, categories_, licences_, splits_, memberships_, files_;
  std::set<std::pair<std::string, std::string>> seen_;
  std::set<AnnotationIndex> added_;  // that go again
  std::vector<CategoryIndex> become_;
  std::map<std::string, CategoryIndex> category_of_;  // by key before
  std::map<std::string, ImageIndex> sample_of_;
};

}  // namespace

Result<void> take_back(Dataset& d, std::span<const ListedEdit> edits, const Pool& pool,
                       std::vector<RestoredMedia>& media) {
  return TakingBack(d, pool, media).run(edits);
}

}  // namespace vetset

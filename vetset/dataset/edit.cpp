#include "vetset/dataset/edit.h"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

namespace vetset {
namespace {

/// Where each record goes: its new index, or none.
template <class Index>
struct Moves {
  Column<Index> to;
  std::size_t count = 0;  // of records that stay

  explicit Moves(std::size_t records) : to(records, none<Index>) {}
  void keep(std::size_t i) { to[i] = to_index<Index>(count++); }
  bool keeps(std::size_t i) const { return to[i] != none<Index>; }
  bool all() const { return count == to.size(); }
  /// What an index points to now; none stays none.
  Index operator()(Index i) const { return i == none<Index> ? i : to[to_size(i)]; }
};

/// The records that `stay(i)` names, in their order.
template <class Index, class Stay>
Moves<Index> moves_of(std::size_t records, const Stay& stay) {
  Moves<Index> moves(records);
  for (std::size_t i = 0; i < records; ++i)
    if (stay(i)) moves.keep(i);
  return moves;
}

bool marked(const std::vector<bool>& marks, std::size_t i) { return marks.empty() || marks[i]; }

/// Closes a dense column up (or a table of records itself).
template <class Rows, class Index>
void close_up(Rows& rows, const Moves<Index>& moves) {
  if (rows.empty() || moves.all()) return;
  std::size_t next = 0;
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (moves.keeps(i)) {
      if (next != i) rows[next] = std::move(rows[i]);
      ++next;
    }
  rows.resize(next);
}

/// Keeps the rows that `stay` says, which may change them.
template <class Row, class Stay>
void filter(Column<Row>& rows, const Stay& stay) {
  std::size_t next = 0;
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (Row row = rows[i]; stay(row)) rows[next++] = row;
  rows.resize(next);
}

template <class Index>
void close_up(Ids& ids, const Moves<Index>& moves) {
  if (moves.all()) return;
  close_up(ids.numbers, moves);
  filter(ids.tokens, [&](Ids::Token& token) {
    const Index to = moves.to[token.owner];
    token.owner = static_cast<std::uint32_t>(to);
    return to != none<Index>;
  });
}

/// The number a class has in its format: its id where that is a number, else its place.
std::int64_t class_number(const Dataset& d, CategoryIndex c) {
  const std::int64_t id = d.category_ids[to_size(c)];
  return id == Ids::absent || id == Ids::odd ? static_cast<std::int64_t>(to_size(c)) : id;
}

/// Whether a row as authored begins with a number.
bool begins_with(std::string_view row, std::string_view number) {
  return row.starts_with(number) && (row.size() == number.size() || row[number.size()] == ' ');
}

std::vector<std::string> class_numbers(const Dataset& d) {
  std::vector<std::string> numbers;
  for (std::size_t c = 0; c < d.categories.size(); ++c)
    numbers.push_back(std::to_string(class_number(d, to_index<CategoryIndex>(c))));
  return numbers;
}

/// Whether most authored rows begin with the number of their class.
bool rows_have_numbers(const Dataset& d, const std::vector<std::string>& numbers) {
  std::size_t rows = 0, numbered = 0;
  for (std::size_t i = 0; i < d.authored.size(); ++i) {
    if (d.authored[i].empty() || d.annotations[i].category == none<CategoryIndex>) continue;
    ++rows;
    numbered += begins_with(d.text(d.authored[i]), numbers[to_size(d.annotations[i].category)]) ? 1U : 0U;
  }
  return numbered * 2 > rows;
}

class Selecting {
 public:
  Selecting(Dataset d, const Selection& selection)
      : d_(std::move(d)),
        selection_(selection),
        images_(moves_of<ImageIndex>(d_.images.size(), [&](std::size_t i) { return marked(selection.images, i); })),
        splits_(moves_of<SplitIndex>(d_.splits.size(), [&](std::size_t i) { return marked(selection.splits, i); })),
        annotations_(moves_of<AnnotationIndex>(d_.annotations.size(), [&](std::size_t i) { return stays(i); })),
        files_(0),
        licences_(0),
        tracks_(0) {
    if (!annotations_.all() || !images_.all()) close_orders();
    if (!annotations_.all()) touch_losers();
    find_files();
    find_licences();
    find_tracks();
  }

  Selected take() {
    const std::size_t categories = d_.categories.size();
    const std::size_t annotations = d_.annotations.size();
    take_classes();
    take_annotations();
    take_images();
    take_splits();
    take_files();
    take_licences();
    take_tracks();
    take_owned();
    return {std::move(d_), join(categories, annotations)};
  }

 private:
  const ClassPlan* plan() const { return selection_.classes ? &*selection_.classes : nullptr; }
  CategoryIndex become(CategoryIndex c) const {
    return plan() == nullptr || c == none<CategoryIndex> ? c : plan()->become[to_size(c)];
  }

  bool stays(std::size_t i) const {
    const Annotation& a = d_.annotations[i];
    return marked(selection_.annotations, i) && (a.image == none<ImageIndex> || images_.keeps(to_size(a.image))) &&
           (a.category == none<CategoryIndex> || become(a.category) != none<CategoryIndex>);
  }

  FileIndex file_of(std::size_t i) const {
    if (!d_.annotation_positions.empty() && d_.annotation_positions[i].known())
      return d_.annotation_positions[i].file();
    const ImageIndex image = d_.annotations[i].image;
    return image == none<ImageIndex> ? none<FileIndex> : d_[image].file;
  }

  // Numbers of records and lines close up where all of a number go.

  struct Numbered {
    std::uint32_t group;   // a file, or a split
    std::uint32_t number;  // in it
    bool stays;
    std::uint32_t* place;
    auto rank() const { return std::pair(group, number); }
  };
  static void close_numbers(std::vector<Numbered>& rows) {
    const auto before = [](const Numbered& a, const Numbered& b) { return a.rank() < b.rank(); };
    if (!std::is_sorted(rows.begin(), rows.end(), before)) std::stable_sort(rows.begin(), rows.end(), before);
    std::uint32_t gone = 0;
    for (std::size_t i = 0; i < rows.size();) {
      std::size_t end = i;
      bool any = false;
      if (i == 0 || rows[i].group != rows[i - 1].group) gone = 0;
      for (; end < rows.size() && rows[end].rank() == rows[i].rank(); ++end) any = any || rows[end].stays;
      for (std::size_t k = i; k < end; ++k) *rows[k].place -= gone;
      if (!any) ++gone;
      i = end;
    }
  }
  void close_orders() {
    std::vector<Numbered> rows;
    rows.reserve(d_.annotations.size() + d_.unread.size());
    for (std::size_t i = 0; i < d_.annotations.size(); ++i)
      rows.push_back({static_cast<std::uint32_t>(file_of(i)), d_.annotations[i].order, annotations_.keeps(i),
                      &d_.annotations[i].order});
    for (Unread& line : d_.unread)
      rows.push_back({static_cast<std::uint32_t>(line.file), line.order, true, &line.order});
    close_numbers(rows);
    rows.clear();
    for (Membership& m : d_.memberships)
      rows.push_back({static_cast<std::uint32_t>(m.split), m.order, images_.keeps(to_size(m.image)), &m.order});
    close_numbers(rows);
  }

  /// Images that lost all their objects are empty now, and files that lost any are not kept as they were.
  void touch_losers() {
    std::vector<std::uint32_t> left(d_.images.size()), lost(d_.images.size());
    for (std::size_t i = 0; i < d_.annotations.size(); ++i) {
      const ImageIndex image = d_.annotations[i].image;
      if (image != none<ImageIndex>) ++(annotations_.keeps(i) ? left : lost)[to_size(image)];
      if (!annotations_.keeps(i)) forget_bytes(file_of(i));
    }
    for (std::size_t i = 0; i < d_.images.size(); ++i)
      if (left[i] == 0 && lost[i] > 0 && d_.images[i].state == ImageState::labelled)
        d_.images[i].state = ImageState::labelled_empty;
  }
  void forget_bytes(FileIndex file) {
    if (file != none<FileIndex>) d_.files[to_size(file)].bytes = {};
  }

  // What goes with what goes.

  /// What was named, and by nobody who stays, goes; what nobody ever named stays.
  class Named {
   public:
    explicit Named(std::size_t records) : by_(records, nobody_names) {}
    template <class Index>
    void name(Index i, bool stays) {
      if (i != none<Index>) by_[to_size(i)] = std::max(by_[to_size(i)], stays ? one_who_stays : one_who_goes);
    }
    bool stays(std::size_t i) const { return by_[i] != one_who_goes; }

   private:
    enum Namer : std::uint8_t { nobody_names, one_who_goes, one_who_stays };
    std::vector<Namer> by_;
  };
  void find_files() {
    Named named(d_.files.size());
    for (std::size_t i = 0; i < d_.images.size(); ++i) named.name(d_.images[i].file, images_.keeps(i));
    for (std::size_t s = 0; s < d_.splits.size(); ++s) named.name(d_.splits[s].file, splits_.keeps(s));
    for (std::size_t i = 0; i < d_.image_positions.size(); ++i)
      if (d_.image_positions[i].known()) named.name(d_.image_positions[i].file(), images_.keeps(i));
    for (std::size_t i = 0; i < d_.annotation_positions.size(); ++i)
      if (d_.annotation_positions[i].known()) named.name(d_.annotation_positions[i].file(), annotations_.keeps(i));
    files_ = moves_of<FileIndex>(d_.files.size(), [&](std::size_t i) { return named.stays(i); });
  }
  void find_licences() {
    Named named(d_.licences.size());
    for (std::size_t i = 0; i < d_.images.size(); ++i) named.name(d_.images[i].licence, images_.keeps(i));
    for (std::size_t l = 0; l < d_.licences.size(); ++l)
      if (const SplitIndex split = d_.licences[l].split; split != none<SplitIndex>)
        named.name(to_index<LicenceIndex>(l), splits_.keeps(to_size(split)));
    licences_ = moves_of<LicenceIndex>(d_.licences.size(), [&](std::size_t i) { return named.stays(i); });
  }
  /// A track goes with its class, its video, or the last of its states.
  void find_tracks() {
    std::vector<std::uint32_t> left(d_.tracks.size()), lost(d_.tracks.size());
    for (const TrackState& state : d_.track_states) {
      const bool gone = state.annotation != none<AnnotationIndex> && !annotations_.keeps(to_size(state.annotation));
      ++(gone ? lost : left)[to_size(state.track)];
    }
    tracks_ = moves_of<TrackIndex>(d_.tracks.size(), [&](std::size_t i) {
      const Track& track = d_.tracks[i];
      if (track.category != none<CategoryIndex> && become(track.category) == none<CategoryIndex>) return false;
      if (track.video != none<ImageIndex> && !images_.keeps(to_size(track.video))) return false;
      return left[i] > 0 || lost[i] == 0;
    });
  }

  // Classes: their rows, their ids, and how rows name them.

  void take_classes() {
    if (plan() == nullptr) return;
    respell();
    const ClassPlan& p = *plan();
    std::vector<Category> classes;
    Ids ids;
    std::int64_t next = 0;
    for (const std::int64_t id : d_.category_ids.numbers)
      if (id != Ids::absent && id != Ids::odd && id < std::numeric_limits<std::int64_t>::max())
        next = std::max(next, id + 1);
    for (const ClassPlan::Made& made : p.classes) {
      const auto place = static_cast<std::uint32_t>(classes.size());
      const bool is_new = made.from == none<CategoryIndex>;
      classes.push_back(is_new ? Category{} : d_[made.from]);
      classes.back().name = made.name;
      if (d_.category_ids.numbers.empty()) continue;
      ids.numbers.push_back(p.renumber ? p.first_number + place
                            : is_new   ? next++
                                       : d_.category_ids.numbers[to_size(made.from)]);
      if (ids.numbers.back() != Ids::odd) continue;
      for (const Ids::Token& token : d_.category_ids.tokens)
        if (token.owner == static_cast<std::uint32_t>(made.from)) ids.tokens.push_back({place, token.json});
    }
    d_.category_ids = std::move(ids);
    d_.categories = std::move(classes);
    Column<CategoryListing> listings;
    for (CategoryListing row : d_.category_listings)
      if (row.category = become(row.category); row.category != none<CategoryIndex>) {
        const auto same = [&](const CategoryListing& l) { return l.split == row.split && l.category == row.category; };
        if (std::none_of(listings.begin(), listings.end(), same)) listings.push_back(row);
      }
    d_.category_listings = std::move(listings);
  }

  /// Rows as authored name their class by its number or by its name: where that is another now, a number at the
  /// beginning is put right, and any other row is forgotten.
  void respell() {
    if (d_.authored.empty()) return;
    const ClassPlan& p = *plan();
    const std::vector<std::string> before = class_numbers(d_);
    const bool numbered = rows_have_numbers(d_, before);
    std::vector<std::string> after(before.size());
    std::vector<bool> stands(before.size(), true);
    for (std::size_t c = 0; c < before.size(); ++c) {
      if (p.become[c] == none<CategoryIndex>) continue;
      const ClassPlan::Made& made = p.classes[to_size(p.become[c])];
      after[c] = p.renumber ? std::to_string(p.first_number + static_cast<std::int64_t>(to_size(p.become[c])))
                 : made.from == to_index<CategoryIndex>(c) ? before[c]
                 : made.from != none<CategoryIndex>        ? before[to_size(made.from)]
                                                           : std::string();
      stands[c] = numbered ? after[c] == before[c] : made.name == d_.categories[c].name;
    }
    std::vector<AnnotationIndex> forgotten;
    for (std::size_t i = 0; i < d_.annotations.size(); ++i) {
      const CategoryIndex c = d_.annotations[i].category;
      if (!annotations_.keeps(i) || d_.authored[i].empty() || c == none<CategoryIndex> || stands[to_size(c)]) continue;
      const std::string& old_number = before[to_size(c)];
      const std::string_view row = d_.text(d_.authored[i]);
      forget_bytes(file_of(i));
      if (!numbered || after[to_size(c)].empty() || !begins_with(row, old_number)) {
        forgotten.push_back(to_index<AnnotationIndex>(i));
        continue;
      }
      const std::string respelled = after[to_size(c)] + std::string(row.substr(old_number.size()));
      d_.authored[i] = d_.add_text(respelled);
    }
    forget_spelling(d_, forgotten);
  }

  // Tables and columns.

  void take_annotations() {
    close_up(d_.annotation_ids, annotations_);
    close_up(d_.annotations, annotations_);
    close_up(d_.annotation_positions, annotations_);
    close_up(d_.areas, annotations_);
    close_up(d_.scores, annotations_);
    for (Column<Text>* column : {&d_.authored, &d_.track_ids, &d_.group_ids}) close_up(*column, annotations_);
    if (!images_.all() || plan() != nullptr)
      for (Annotation& a : d_.annotations) {
        a.image = images_(a.image);
        a.category = become(a.category);
      }
    if (annotations_.all()) return;
    const auto moved = [&](auto& row) {
      row.annotation = annotations_(row.annotation);
      return row.annotation != none<AnnotationIndex>;
    };
    filter(d_.text_rows, moved);
    filter(d_.dangling, moved);
    filter(d_.lexemes, moved);
    filter(d_.relations, [&](Relation& row) {
      row.from = annotations_(row.from);
      row.to = annotations_(row.to);
      return row.from != none<AnnotationIndex> && row.to != none<AnnotationIndex>;
    });
  }

  void take_images() {
    close_up(d_.image_ids, images_);
    close_up(d_.images, images_);
    close_up(d_.image_positions, images_);
    for (Image& image : d_.images) {
      image.file = files_(image.file);
      image.licence = licences_(image.licence);
    }
  }

  void take_splits() {
    close_up(d_.splits, splits_);
    for (Split& split : d_.splits) split.file = files_(split.file);
    filter(d_.memberships, [&](Membership& m) {
      m.split = splits_(m.split);
      m.image = images_(m.image);
      return m.split != none<SplitIndex> && m.image != none<ImageIndex>;
    });
    filter(d_.category_listings, [&](CategoryListing& row) {
      row.split = splits_(row.split);
      return row.split != none<SplitIndex>;
    });
  }

  void take_files() {
    close_up(d_.files, files_);
    for (File& file : d_.files) file.split = splits_(file.split);
    if (files_.all()) return;
    for (Column<Position>* positions : {&d_.image_positions, &d_.annotation_positions})
      for (Position& position : *positions)
        if (position.known()) position = Position::at(files_(position.file()), position.offset());
    filter(d_.unread, [&](Unread& line) {
      line.file = files_(line.file);
      return line.file != none<FileIndex>;
    });
  }

  void take_licences() {
    close_up(d_.licence_ids, licences_);
    close_up(d_.licences, licences_);
    for (Licence& licence : d_.licences) licence.split = splits_(licence.split);
  }

  void take_tracks() {
    close_up(d_.tracks, tracks_);
    for (Track& track : d_.tracks) {
      track.category = become(track.category);
      track.video = images_(track.video);
    }
    filter(d_.track_states, [&](TrackState& state) {
      const bool gone = state.annotation != none<AnnotationIndex> && !annotations_.keeps(to_size(state.annotation));
      state.track = tracks_(state.track);
      state.annotation = annotations_(state.annotation);
      return !gone && state.track != none<TrackIndex>;
    });
  }

  /// The index that an owner has now; none: it went.
  std::uint32_t owner(Owner owner, std::uint32_t index) const {
    switch (owner) {
      case Owner::dataset: return index;
      case Owner::split: return static_cast<std::uint32_t>(splits_.to[index]);
      case Owner::licence: return static_cast<std::uint32_t>(licences_.to[index]);
      case Owner::category: return category_owner(index);
      case Owner::image: return static_cast<std::uint32_t>(images_.to[index]);
      case Owner::annotation: return static_cast<std::uint32_t>(annotations_.to[index]);
      case Owner::track: return static_cast<std::uint32_t>(tracks_.to[index]);
    }
    return nobody;
  }
  /// Of classes that became one, that one speaks whose id it has.
  std::uint32_t category_owner(std::uint32_t index) const {
    const CategoryIndex to = become(to_index<CategoryIndex>(index));
    if (plan() == nullptr) return index;
    return to != none<CategoryIndex> && plan()->classes[to_size(to)].from == to_index<CategoryIndex>(index)
               ? static_cast<std::uint32_t>(to)
               : nobody;
  }
  void take_owned() {
    const auto moved = [&](auto& row) {
      row.index = owner(row.owner, row.index);
      return row.index != nobody;
    };
    const auto by_owner = [](const auto& a, const auto& b) {
      return std::pair(a.owner, a.index) < std::pair(b.owner, b.index);
    };
    filter(d_.residues, moved);
    filter(d_.attributes, moved);
    std::stable_sort(d_.residues.begin(), d_.residues.end(), by_owner);
    std::stable_sort(d_.attributes.begin(), d_.attributes.end(), by_owner);
  }

  Join join(std::size_t categories, std::size_t annotations) {
    Join join;
    join.splits = std::move(splits_.to);
    join.licences = std::move(licences_.to);
    for (std::size_t c = 0; c < categories; ++c) join.categories.push_back(become(to_index<CategoryIndex>(c)));
    join.image_sources = Column<ImageIndex>(images_.count, none<ImageIndex>);
    for (std::size_t i = 0; i < images_.to.size(); ++i)
      if (images_.keeps(i)) join.image_sources[to_size(images_.to[i])] = to_index<ImageIndex>(i);
    join.images = std::move(images_.to);
    join.annotation_begin = Column<std::uint32_t>(annotations + 1, 0);
    for (std::size_t i = 0; i < annotations; ++i) {
      if (annotations_.keeps(i)) join.annotations.push_back(annotations_.to[i]);
      join.annotation_begin[i + 1] = static_cast<std::uint32_t>(join.annotations.size());
    }
    return join;
  }

  static constexpr std::uint32_t nobody = 0xffffffffU;

  Dataset d_;
  const Selection& selection_;
  Moves<ImageIndex> images_;
  Moves<SplitIndex> splits_;
  Moves<AnnotationIndex> annotations_;
  Moves<FileIndex> files_;
  Moves<LicenceIndex> licences_;
  Moves<TrackIndex> tracks_;
};

}  // namespace

ClassPlan same_classes(const Dataset& d) {
  ClassPlan plan;
  for (std::size_t c = 0; c < d.categories.size(); ++c) {
    plan.classes.push_back({d.categories[c].name, to_index<CategoryIndex>(c)});
    plan.become.push_back(to_index<CategoryIndex>(c));
  }
  return plan;
}

bool numbers_are_places(const Dataset& d) {
  if (d.authored.empty()) return false;
  const std::vector<std::string> numbers = class_numbers(d);
  for (std::size_t c = 0; c < numbers.size(); ++c)
    if (numbers[c] != std::to_string(c)) return false;
  return rows_have_numbers(d, numbers);
}

Selected selected(Dataset d, const Selection& selection) { return Selecting(std::move(d), selection).take(); }

void forget_spelling(Dataset& d, std::span<const AnnotationIndex> edited) {
  if (edited.empty()) return;
  std::vector<bool> marks(d.annotations.size());
  for (const AnnotationIndex i : edited) {
    const Annotation& a = d[i];
    marks[to_size(i)] = true;
    if (!d.authored.empty() && a.box_origin != Origin::unplaced) d.authored[to_size(i)] = {};
    FileIndex file = a.image == none<ImageIndex> ? none<FileIndex> : d[a.image].file;
    if (!d.annotation_positions.empty() && d.annotation_positions[to_size(i)].known())
      file = d.annotation_positions[to_size(i)].file();
    if (file != none<FileIndex>) d.files[to_size(file)].bytes = {};
  }
  filter(d.lexemes, [&](const Lexeme& row) { return !marks[to_size(row.annotation)]; });
}

void forget_areas(Dataset& d, std::span<const AnnotationIndex> edited) {
  for (const AnnotationIndex i : edited)
    if (!d.areas.empty()) d.areas[to_size(i)] = unstated();
}

}  // namespace vetset

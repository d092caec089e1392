// Reads lists of results into lean columns, never as one document. The file is cut where a record seems to begin
// ("}, {"), and the pieces are read on any thread; a piece that did not end where the next begins was cut wrongly.
// Then, and wherever the text is no plain list, the file is read again by the slicer, which looks at every byte and
// says what is wrong with it.
#include "vetset/formats/coco/predict.h"

#include <algorithm>
#include <cstring>
#include <set>
#include <unordered_map>

namespace vetset::coco_results_parts {
namespace {

/// Numbers for the distinct ids of a list, in the order in which they come.
class Codes {
 public:
  /// The number of an id; a new one is `size()` at the time.
  std::uint32_t code(std::int64_t id) {
    if (id == last_id_) return last_;
    last_id_ = id;
    if (id >= 0 && id < dense_ids) {
      const auto place = static_cast<std::size_t>(id);
      if (place >= dense_.size()) dense_.resize(std::max(place + 1, dense_.size() * 2), no_number);
      if (dense_[place] == no_number) dense_[place] = count_++;
      return last_ = dense_[place];
    }
    const auto [at, is_new] = sparse_.try_emplace(id, count_);
    if (is_new) ++count_;
    return last_ = at->second;
  }
  std::uint32_t code(const std::string& token) {
    last_id_ = Ids::odd;
    const auto [at, is_new] = tokens_.try_emplace(token, count_);
    if (is_new) ++count_;
    return at->second;
  }
  std::uint32_t size() const { return count_; }

 private:
  static constexpr std::int64_t dense_ids = 1 << 20;
  std::int64_t last_id_ = Ids::odd;
  std::uint32_t last_ = 0, count_ = 0;
  std::vector<std::uint32_t> dense_;
  std::unordered_map<std::int64_t, std::uint32_t> sparse_;
  std::unordered_map<std::string, std::uint32_t> tokens_;
};

/// Lines and columns in a text that is met piece by piece.
class Lines {
 public:
  /// Begins the next piece; the one before has been counted to its end.
  void begin(std::string_view text) {
    text_ = text;
    counted_ = 0;
  }
  /// Of an offset in the piece, none smaller than the one before.
  LineColumn at(std::size_t offset) {
    const char* from = text_.data() + counted_;
    const char* const to = text_.data() + std::max(offset, counted_);
    while (const void* found = std::memchr(from, '\n', static_cast<std::size_t>(to - from))) {
      from = static_cast<const char*>(found) + 1;
      ++line_;
      column_ = 1;
    }
    column_ += static_cast<std::uint32_t>(to - from);
    counted_ = static_cast<std::size_t>(to - text_.data());
    return {line_, column_};
  }
  void finish() { at(text_.size()); }

 private:
  std::string_view text_;
  std::size_t counted_ = 0;
  std::uint32_t line_ = 1, column_ = 1;
};

template <class T>
void append(Column<T>& to, std::size_t held, const Column<T>& from, std::size_t rows, T nothing) {
  if (to.empty() && from.empty()) return;
  to.resize(held, nothing);
  to.append(from);
  to.resize(held + rows, nothing);
}

/// Joins pieces in their order.
class Joiner {
 public:
  Joiner(Predictions& out, Findings& findings) : out_(out), findings_(findings) {}

  void begin_file(std::string_view path, std::uint64_t bytes) {
    path_ = path;
    bytes_ = bytes;
    lines_ = {};
  }

  /// What stands before the first piece.
  void skip(std::string_view text) {
    lines_.begin(text);
    lines_.finish();
  }

  /// `gapless`: the pieces of the file follow each other without gap, so that lines can be counted as they come. Else
  /// places have offsets alone.
  void add(PredictedPiece& piece, std::string_view text, std::uint64_t offset, bool gapless) {
    lines_.begin(text);
    offset_ = offset;
    gapless_ = gapless;
    if (out_.records == 0 && piece.records > 0) out_.first_said = piece.first_said;
    out_.records += piece.records;
    const std::size_t rows = piece.begins.size();
    const std::size_t held = out_.rows.size();
    reserve(held, piece, text.size());
    same_points(piece);
    std::size_t note = 0, image_token = 0, category_token = 0;
    for (std::size_t r = 0; r < rows; ++r) {
      for (; note < piece.notes.size() && piece.notes[note].offset <= piece.begins[r]; ++note) tell(piece.notes[note]);
      const std::size_t images = images_.size(), categories = categories_.size();
      const std::uint32_t image = piece.images[r] == Ids::odd ? images_.code(piece.image_tokens[image_token++].json)
                                                              : images_.code(piece.images[r]);
      const std::uint32_t category = piece.categories[r] == Ids::odd
                                         ? categories_.code(piece.category_tokens[category_token++].json)
                                         : categories_.code(piece.categories[r]);
      out_.rows.image.push_back(image);
      out_.rows.category.push_back(category);
      if (images == images_.size() && categories == categories_.size()) [[likely]]
        continue;
      PredictedName name{.first = held + r, .where = place(piece.begins[r])};
      if (images != images_.size()) {
        PredictedName own = name;
        own.id = piece.images[r];
        if (own.id == Ids::odd) own.token = piece.image_tokens[image_token - 1].json;
        if (r < piece.names.size() && piece.names[r].size > 0)
          own.name = text.substr(piece.names[r].begin, piece.names[r].size);
        out_.images.push_back(std::move(own));
      }
      if (categories != categories_.size()) {
        name.id = piece.categories[r];
        if (name.id == Ids::odd) name.token = piece.category_tokens[category_token - 1].json;
        out_.categories.push_back(std::move(name));
      }
    }
    for (; note < piece.notes.size(); ++note) tell(piece.notes[note]);
    append_columns(piece, held, rows);
    lines_.finish();
  }

 private:
  Place place(std::size_t offset) {
    Place place{.file = path_, .offset = offset_ + offset};
    if (!gapless_) return place;
    const LineColumn at = lines_.at(offset);
    place.line = at.line;
    place.column = at.column;
    return place;
  }

  void tell(const CocoNote& note) {
    const bool left_out = note.severity == Severity::error;
    findings_.add({.code = note.code,
                   .severity = note.severity,
                   .where = place(static_cast<std::size_t>(note.offset)),
                   .message = left_out ? note.message + "; the record is left out" : note.message});
  }

  /// Room for all rows that the file is likely to have, so that no column is held twice while it grows.
  void reserve(std::size_t held, const PredictedPiece& piece, std::size_t text_size) {
    if (held > 0 || piece.begins.empty() || bytes_ <= text_size) return;
    const double share = static_cast<double>(piece.begins.size()) / static_cast<double>(text_size);
    const auto likely = static_cast<std::size_t>(share * static_cast<double>(bytes_) * 1.02) + 1024;
    out_.rows.image.reserve(likely);
    out_.rows.category.reserve(likely);
    out_.rows.box.reserve(likely);
    out_.rows.score.reserve(likely);
    out_.rows.said.reserve(likely);
  }

  /// All rows have as many keypoints as the first that has any; those of other pieces lose them, which is told.
  void same_points(PredictedPiece& piece) {
    Instances& rows = piece.rows;
    if (out_.rows.points == 0) out_.rows.points = rows.points;
    if (rows.points == 0 || rows.points == out_.rows.points) return;
    for (std::size_t r = 0; r < piece.begins.size(); ++r) {
      if (!has(rows.said[r], Said::keypoints)) continue;
      rows.said[r] = static_cast<std::uint8_t>(rows.said[r] & ~static_cast<unsigned>(Said::keypoints));
      piece.notes.push_back({.code = "FMT414",
                             .severity = Severity::warning,
                             .offset = piece.begins[r],
                             .message = "there are " + std::to_string(rows.points) + " keypoints, expected " +
                                        std::to_string(out_.rows.points) + " as in the records before"});
    }
    std::stable_sort(piece.notes.begin(), piece.notes.end(),
                     [](const CocoNote& a, const CocoNote& b) { return a.offset < b.offset; });
    rows.keypoints.clear();
  }

  void append_columns(PredictedPiece& piece, std::size_t held, std::size_t rows) {
    Instances& to = out_.rows;
    const std::uint64_t texts = to.mask_text.size();
    for (MaskText& mask : piece.rows.mask) mask.begin += texts;
    const Instances& from = piece.rows;
    for (const PredictedOutline& outline : piece.outlines)
      out_.outlines.push_back({outline.row + held, outline.begin + texts, outline.size});
    to.box.append(from.box);
    to.score.append(from.score);
    to.said.append(from.said);
    append(to.mask, held, from.mask, rows, MaskText{});
    to.mask_text.append(from.mask_text);
    const std::size_t width = std::size_t{3} * to.points;
    if (width > 0) append(to.keypoints, held * width, from.keypoints, rows * width, 0.0);
  }

  Predictions& out_;
  Findings& findings_;
  Codes images_, categories_;
  Lines lines_;
  std::string path_;
  std::uint64_t bytes_ = 0, offset_ = 0;
  bool gapless_ = true;
};

/// A piece of the file as it was cut.
struct Cut {
  Bytes bytes;
  std::string_view text;
  std::uint64_t offset = 0;
  bool last = false;
};
/// What was read of it.
struct ReadPiece {
  Bytes bytes;
  std::string_view text;
  std::uint64_t offset = 0;
  PredictedPiece piece;
  std::string_view before = {};  // what stands before the first record of the file
};

/// Where the last record of `text` that can be seen to begin does ("}, {"); 0 where there is none.
std::size_t last_begin(std::string_view text) {
  for (std::size_t at = text.rfind('{'); at != std::string_view::npos && at > 0; at = text.rfind('{', at - 1)) {
    const std::size_t comma = text.find_last_not_of(" \n\r\t", at - 1);
    if (comma == std::string_view::npos || comma == 0 || text[comma] != ',') continue;
    const std::size_t closing = text.find_last_not_of(" \n\r\t", comma - 1);
    if (closing != std::string_view::npos && text[closing] == '}') return at;
  }
  return 0;
}

class ListReader {
 public:
  ListReader(const Tree& tree, std::string_view path, const ReadOptions& options, std::uint64_t size)
      : tree_(tree), path_(path), options_(options), size_(size) {}

  /// False where the text is no plain list, or was cut in the wrong places: then what was joined says nothing.
  Result<bool> read_cut(Joiner& joiner) {
    const auto read = options_.pool.in_order<Cut, ReadPiece>(
        [this] { return next(); }, [this](Cut& cut) { return parse(cut); },
        [&](ReadPiece&& piece) -> Result<void> {
          options_.progress.tell("reading " + std::string(path_), piece.offset, size_);
          joiner.skip(piece.before);
          joiner.add(piece.piece, piece.text, piece.offset, true);
          return {};
        });
    if (read) return true;
    if (read.error().code == Code::malformed) return false;
    return read.error();
  }

  /// Reads whatever JSON may stand there, and says what is no JSON.
  Result<void> read_sliced(Joiner& joiner) {
    VETSET_TRY(JsonSlicer slicer, JsonSlicer::open(tree_, path_, {.limits = options_.limits}));
    if (!slicer.is_array())
      return Error{Code::malformed, "expected a list of results, found an object", std::string(path_), 1, 1};
    return options_.pool.in_order<JsonSlice, ReadPiece>(
        [&]() -> Result<std::optional<JsonSlice>> {
          if (options_.progress.stopped()) return stopped();
          return slicer.next();
        },
        [&](JsonSlice& slice) -> Result<ReadPiece> {
          ReadPiece read{
              slice.bytes, slice.text, slice.offset, read_predicted_records(slice.text, options_.limits), {}};
          const bool whole = read.piece.end == slice.text.size() && !read.piece.comma;
          if (!read.piece.broken && whole) return read;
          if (!read.piece.broken) {
            JsonCursor in(slice.text.substr(read.piece.end));
            in.fail(read.piece.comma ? "expected a record after ','" : "expected ',' or ']'");
            read.piece.what = in.error_text();
          }
          return broken(slice.offset + read.piece.end, std::move(read.piece.what));
        },
        [&](ReadPiece&& read) -> Result<void> {
          joiner.add(read.piece, read.text, read.offset, false);
          return {};
        });
  }

  /// Of what `read_cut` has read.
  Digest digest() { return hash_.finish(); }

 private:
  static constexpr std::uint64_t usual_piece = 1 << 20, largest_piece = 1 << 24;

  Error stopped() const { return {Code::cancelled, "stopped while reading", std::string(path_)}; }
  /// That the file must be read the other way.
  Error not_plain() const { return {Code::malformed, "is no plain list", std::string(path_)}; }

  Error broken(std::uint64_t offset, std::string what) const {
    Error error{Code::malformed, std::move(what), std::string(path_)};
    if (const auto place = line_column(tree_, path_, offset)) {
      error.line = place->line;
      error.column = place->column;
    }
    return error;
  }

  Result<std::optional<Cut>> next() {
    if (options_.progress.stopped()) return stopped();
    if (size_ == 0) return not_plain();
    if (at_ >= size_) return std::optional<Cut>();
    Cut cut{.bytes = {}, .text = {}, .offset = at_};
    for (std::uint64_t wanted = usual_piece;; wanted *= 4) {
      VETSET_TRY(cut.bytes, tree_.read(path_, {.offset = at_, .size = wanted}));
      cut.text = cut.bytes.text();
      cut.last = at_ + cut.text.size() >= size_;
      if (cut.last) break;
      if (const std::size_t begin = last_begin(cut.text); begin > 0) {
        cut.text = cut.text.substr(0, begin);
        break;
      }
      if (wanted >= largest_piece || cut.text.empty()) return not_plain();
    }
    if (options_.digests) hash_.add(cut.text);
    at_ += cut.text.size();
    return std::optional<Cut>(std::move(cut));
  }

  Result<ReadPiece> parse(Cut& cut) const {
    constexpr std::string_view spaces = " \n\r\t";
    std::size_t begin = 0;
    if (cut.offset == 0) {
      begin = std::min(cut.text.find_first_not_of(spaces), cut.text.size());
      if (begin == cut.text.size() || cut.text[begin] != '[') return not_plain();
      ++begin;
    }
    // The view begins at the bracket's next byte, and so do its offsets.
    ReadPiece read{std::move(cut.bytes), cut.text.substr(begin), cut.offset + begin, {}, cut.text.substr(0, begin)};
    read.piece = read_predicted_records(read.text, options_.limits);
    const PredictedPiece& piece = read.piece;
    const bool whole = !piece.broken && read.text.find_first_not_of(spaces, piece.end) == std::string_view::npos;
    if (!whole || !(cut.last ? piece.closed : piece.comma)) return not_plain();
    return read;
  }

  const Tree& tree_;
  std::string_view path_;
  const ReadOptions& options_;
  const std::uint64_t size_;
  std::uint64_t at_ = 0;
  Sha256 hash_;
};

/// Goes through a file once more: its digest, and the lines of places that have offsets alone.
Result<Digest> digest_and_lines(const Tree& tree, std::string_view path, std::uint64_t size, const ReadOptions& options,
                                std::vector<Place*> places) {
  std::stable_sort(places.begin(), places.end(),
                   [](const Place* a, const Place* b) { return *a->offset < *b->offset; });
  Sha256 hash;
  Lines lines;
  std::size_t next = 0;
  for (std::uint64_t at = 0; at < size && (options.digests || next < places.size());) {
    VETSET_TRY(const Bytes bytes, tree.read(path, {.offset = at, .size = 1 << 20}));
    if (bytes.size() == 0) break;
    if (options.digests) hash.add(bytes);
    lines.begin(bytes);
    for (; next < places.size() && *places[next]->offset < at + bytes.size(); ++next) {
      const LineColumn found = lines.at(static_cast<std::size_t>(*places[next]->offset - at));
      places[next]->line = found.line;
      places[next]->column = found.column;
    }
    lines.finish();
    at += bytes.size();
  }
  return hash.finish();
}

/// Reads all lists; those that `odd` names by the slicer. Gives the path of a list that must be read so, or nothing.
Result<std::optional<std::string>> read_lists(const Tree& tree, std::span<const std::string_view> lists,
                                              const std::set<std::string, std::less<>>& odd, const ReadOptions& options,
                                              Predictions& out) {
  Findings findings(options.limits.findings_per_code);
  Joiner joiner(out, findings);
  for (const std::string_view path : lists) {
    VETSET_TRY(const std::uint64_t size, tree.size(path));
    joiner.begin_file(path, size);
    ListReader reader(tree, path, options, size);
    FileDigest file{.path = std::string(path), .bytes = size, .digest = {}};
    if (odd.contains(path)) {
      VETSET_DO(reader.read_sliced(joiner));
    } else {
      VETSET_TRY(const bool plain, reader.read_cut(joiner));
      if (!plain) return std::optional(std::string(path));
      if (options.digests) file.digest = reader.digest();
    }
    out.files.push_back(std::move(file));
  }
  out.findings = std::move(findings).take();
  for (FileDigest& file : out.files) {
    if (!odd.contains(file.path)) continue;
    std::vector<Place*> places;
    const auto collect = [&](Place& place) {
      if (place.file == file.path) places.push_back(&place);
    };
    for (PredictedName& name : out.images) collect(name.where);
    for (PredictedName& name : out.categories) collect(name.where);
    for (Finding& finding : out.findings) collect(std::get<Place>(finding.where));
    VETSET_TRY(file.digest, digest_and_lines(tree, file.path, file.bytes, options, std::move(places)));
  }
  return std::optional<std::string>();
}

}  // namespace

Result<Predictions> predict_results(const Tree& tree, const ReadOptions& options) {
  std::vector<std::string_view> lists;
  if (!options.only.empty()) {
    lists.push_back(options.only);
  } else {
    for (const std::string_view path : tree.list())
      if (sniff_coco(tree, path).kind == CocoDocument::results) lists.push_back(path);
  }
  if (lists.empty())
    return Error{Code::not_found, "found no list of COCO results (a JSON array of records with image_id and score)",
                 std::string(tree.name())};
  for (std::set<std::string, std::less<>> odd;;) {
    Predictions out;
    out.format = "coco-results";
    VETSET_TRY(const std::optional<std::string> failed, read_lists(tree, lists, odd, options, out));
    if (!failed) return out;
    odd.insert(*failed);
  }
}

}  // namespace vetset::coco_results_parts

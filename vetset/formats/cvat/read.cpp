// CVAT documents as a dataset: the head, then images in runs on any thread, then tracks; last, where the images are.
#include <algorithm>
#include <cstdio>
#include <map>
#include <unordered_map>

#include "vetset/base/json.h"
#include "vetset/base/unicode.h"
#include "vetset/formats/cvat/cvat.h"
#include "vetset/formats/names.h"
#include "vetset/formats/per_image.h"
#include "vetset/image/probe.h"

namespace vetset::cvat_parts {
namespace {

std::string counted(std::size_t n, std::string_view what) {
  return std::to_string(n) + " " + std::string(what) + (n == 1 ? "" : "s");
}

/// What an <image> says of itself.
struct Head {
  std::string name, subset;
  std::uint32_t width = 0, height = 0;
  std::int64_t id = Ids::absent;
  std::string residue = {};
};

std::uint32_t side_in(std::string_view text) {
  const NumberText n = read_number(text);
  return n.integer && n.length == text.size() && n.whole > 0 && n.whole <= 0xffffffffLL
             ? static_cast<std::uint32_t>(n.whole)
             : 0;
}

Head read_head(XmlNode element) {
  Head head;
  JsonWriter writer(head.residue);
  element.each_attribute([&](std::string_view name, std::string_view value) {
    const NumberText n = read_number(value);
    if (name == "name") {
      head.name = value;
    } else if (name == "subset") {
      head.subset = value;
    } else if (name == "width") {
      head.width = side_in(value);
    } else if (name == "height") {
      head.height = side_in(value);
    } else if (name == "id" && n.integer && n.fits_int64 && n.length == value.size() && n.whole > Ids::odd) {
      head.id = n.whole;
    } else {
      if (head.residue.empty()) writer.begin_object();
      writer.key(name).value(value);
    }
  });
  if (!head.residue.empty()) writer.end_object();
  return head;
}

/// Where the images of a document may lie.
class Finder {
 public:
  Finder(const Tree& tree, const ReadOptions& options) : tree_(tree), options_(options) {}

  struct Found {
    std::string_view media;
    bool own = true;
  };
  Found find(std::string_view folder, std::string_view subset, std::string_view name) {
    const std::string below = subset.empty() ? "" : std::string(subset) + "/";
    const std::string root = folder.empty() ? "" : std::string(folder) + "/";
    for (const Tree* tree : {options_.images, &tree_}) {
      if (tree == nullptr) continue;
      const bool own = tree == &tree_;
      for (const std::string& where :
           {root + "images/" + below, root + "images/", root + "images/default/", root + below, root,
            std::string("images/") + below, std::string("images/"), std::string()})
        if (const auto path = held(*tree, where + std::string(name))) return {*path, own};
      // Where the folder that CVAT writes is there, what it lacks is missing.
      if (own && tree->has_folder(root + "images")) continue;
      if (const auto path = unique(*tree, own, base_name(name)); !path.empty()) return {path, own};
    }
    return {};
  }
  bool any_image() {
    index(tree_, true);
    if (options_.images != nullptr) index(*options_.images, false);
    return !by_name_[0].empty() || !by_name_[1].empty();
  }

 private:
  static std::optional<std::string_view> held(const Tree& tree, const std::string& path) {
    const auto all = tree.list();
    const auto at = std::lower_bound(all.begin(), all.end(), std::string_view(path));
    return at != all.end() && *at == path ? std::optional(*at) : std::nullopt;
  }
  void index(const Tree& tree, bool own) {
    const std::size_t k = own ? 0 : 1;
    if (made_[k]) return;
    made_[k] = true;
    for (const std::string_view path : tree.list())
      if (has_image_extension(path)) by_name_[k][base_name(path)].push_back(path);
  }
  std::string_view unique(const Tree& tree, bool own, std::string_view name) {
    index(tree, own);
    const auto& names = by_name_[own ? 0 : 1];
    const auto at = names.find(name);
    return at != names.end() && at->second.size() == 1 ? at->second.front() : std::string_view();
  }

  const Tree& tree_;
  const ReadOptions& options_;
  std::unordered_map<std::string_view, std::vector<std::string_view>> by_name_[2];  // own, of --images-dir
  bool made_[2] = {};
};

class Reader {
 public:
  Reader(const Tree& tree, const ReadOptions& options)
      : tree_(tree), options_(options), finder_(tree, options), findings_(options.limits.findings_per_code) {}

  Result<Reading> read() {
    d_.format = "cvat";
    const std::vector<std::string_view> documents =
        options_.only.empty() ? documents_of(tree_) : std::vector<std::string_view>{options_.only};
    if (documents.empty())
      return Error{Code::not_found, "found no XML file whose root is <annotations>", std::string(tree_.name())};
    for (const std::string_view path : documents) VETSET_DO(read_document(path, documents.size() > 1));
    measure_images(d_, media_, tree_, options_);
    finish_splits();
    finish_columns(d_, std::move(image_residues_));
    return Reading{std::move(d_), std::move(findings_), std::move(notes_)};
  }

 private:
  struct Run {
    std::size_t begin = 0, end = 0;
  };
  struct Slot {
    Run run;
    std::vector<Head> heads;
    Parsed parsed;
  };

  Parsed fresh() const {
    return {.part = {},
            .names = {},
            .layers = {},
            .categories = {},
            .findings = Findings(options_.limits.findings_per_code),
            .xml = {}};
  }

  Result<void> read_document(std::string_view path, bool one_of_many) {
    VETSET_TRY(const Bytes bytes, tree_.read(path));
    path_ = path;
    text_ = bytes;
    file_ = to_index<FileIndex>(d_.files.size());
    d_.files.push_back({.path = d_.add_text(path),
                        .bom = text_.starts_with("\xef\xbb\xbf"),
                        .crlf = text_.substr(0, 4096).find("\r\n") != std::string_view::npos,
                        .final_newline = text_.empty() || text_.back() == '\n'});
    const Pieces pieces = cut(text_);
    if (pieces.root != "annotations")
      return Error{Code::malformed,
                   "expected the root <annotations>, found " +
                       (pieces.root.empty() ? std::string("no element") : "<" + printable(pieces.root) + ">"),
                   std::string(path), 1};
    if (const auto bad = invalid_utf8(text_)) tell("FMT401", Severity::error, *bad, "has bytes that are not UTF-8");
    VETSET_DO(read_meta_of(pieces));
    default_subset_ = meta_.subset;
    if (default_subset_.empty() && meta_.subsets.empty())
      if (const SplitRole role = split_role(stem_of(path));
          one_of_many || role == SplitRole::train || role == SplitRole::val || role == SplitRole::test)
        default_subset_ = stem_of(path);
    for (const std::string& name : meta_.subsets) split_named(name);
    VETSET_DO(read_images(pieces));
    read_tracks(pieces);
    if (pieces.broken)
      tell("FMT401", Severity::error, *pieces.broken, "the document ends here, though something is still open",
           "export it again: what comes behind is not read");
    return {};
  }

  void tell(std::string_view code, Severity severity, std::size_t offset, std::string message, std::string fix = {}) {
    report(findings_, code, severity, {.file = file_, .path = path_}, offset, std::move(message), std::move(fix));
  }
  void tell(const Error& error, const Piece& piece) {
    // The place within the piece, in the document.
    const std::string_view text = text_.substr(piece.begin, piece.end - piece.begin);
    std::size_t offset = 0;
    for (std::uint32_t line = 1; line < error.line && offset < text.size(); ++line)
      offset = std::min(text.find('\n', offset), text.size() - 1) + 1;
    offset = std::min<std::size_t>(offset + (error.column > 0 ? error.column - 1 : 0), text.size());
    tell("FMT401", Severity::error, piece.begin + offset,
         error.message + ": this <" + printable(piece.name) + "> is not read", "mend the file");
  }

  Result<void> read_meta_of(const Pieces& pieces) {
    meta_ = {};
    for (const Piece& piece : pieces.all) {
      if (piece.name != "meta") continue;
      const std::string_view text = text_.substr(piece.begin, piece.end - piece.begin);
      const Result<Xml> xml = Xml::parse(text, options_.limits);
      if (!xml) {
        tell(xml.error(), piece);
        continue;
      }
      meta_ = read_meta(xml->root());
      if (!d_.residue.empty()) break;
      JsonWriter(d_.residue).begin_object().key("meta").value(text).end_object();
      break;
    }
    for (const Label& label : meta_.labels) {
      const CategoryIndex index = class_named(label.name);
      Category& category = d_.categories[to_size(index)];
      category.has_keypoints = category.has_keypoints || label.skeleton;
      if (!label.points.empty()) category.keypoints = label.points;
      if (!label.edges.empty()) category.skeleton = label.edges, category.has_skeleton = true;
    }
    return {};
  }

  CategoryIndex class_named(const std::string& name) {
    const auto [at, is_new] = classes_.emplace(name, to_index<CategoryIndex>(d_.categories.size()));
    if (is_new) d_.categories.push_back({.name = name});
    return at->second;
  }
  std::uint16_t layer_named(const std::string& name) {
    if (d_.layers.empty()) d_.layers.emplace_back();
    auto at = std::find(d_.layers.begin() + 1, d_.layers.end(), name);
    if (at == d_.layers.end()) at = d_.layers.insert(d_.layers.end(), name);
    return static_cast<std::uint16_t>(std::min<std::ptrdiff_t>(at - d_.layers.begin(), 0xffff));
  }
  std::size_t split_named(const std::string& name) {
    const auto [at, is_new] = splits_.emplace(name, d_.splits.size());
    if (is_new) {
      d_.splits.push_back({.name = name, .role = split_role(name), .origin = SplitOrigin::key});
      members_.emplace_back();
    }
    return at->second;
  }

  // Images.

  Result<void> read_images(const Pieces& pieces) {
    std::vector<const Piece*> images;
    for (const Piece& piece : pieces.all)
      if (piece.name == "image") images.push_back(&piece);
    const std::size_t first = d_.images.size();
    for (std::size_t i = 0; i < images.size(); ++i) {
      d_.images.push_back({.file = file_});
      d_.image_positions.push_back(Position::at(file_, images[i]->begin));
    }
    constexpr std::size_t grain = 64;
    std::size_t at = 0;
    const auto next = [&]() -> Result<std::optional<Run>> {
      if (options_.progress.stopped()) return Error{Code::cancelled, "was stopped while annotations were read"};
      options_.progress.tell("reading annotations", at, images.size());
      if (at == images.size()) return std::optional<Run>();
      const Run run{at, std::min(images.size(), at + grain)};
      at = run.end;
      return std::optional(run);
    };
    const auto work = [&](Run& run) -> Result<Slot> {
      Slot slot{.run = run, .heads = {}, .parsed = fresh()};
      for (std::size_t i = run.begin; i < run.end; ++i)
        slot.heads.push_back(read_image(*images[i], to_index<ImageIndex>(first + i), slot.parsed));
      return slot;
    };
    const auto accept = [&](Slot&& slot) -> Result<void> {
      take(std::move(slot.parsed));
      for (std::size_t i = slot.run.begin; i < slot.run.end; ++i)
        place(to_index<ImageIndex>(first + i), std::move(slot.heads[i - slot.run.begin]));
      return {};
    };
    return options_.pool.in_order<Run, Slot>(next, work, accept);
  }

  Head read_image(const Piece& piece, ImageIndex index, Parsed& into) const {
    const Frame where{.file = file_, .path = path_, .offset = piece.begin, .image = index};
    if (const Result<void> read = into.xml.read(text_.substr(piece.begin, piece.end - piece.begin), options_.limits);
        !read) {
      report(into.findings, "FMT401", Severity::error, where, 0, read.error().message + ": this <image> is not read",
             "mend the file");
      return {};
    }
    Head head = read_head(into.xml.root());
    Frame frame = where;
    frame.width = head.width;
    frame.height = head.height;
    for (const XmlNode child : into.xml.root().elements()) {
      if (is_shape(child.name()))
        read_shape(child, {}, frame, meta_.labels, options_.limits, into);
      else
        report(into.findings, "FMT401", Severity::warning, where, child.offset(),
               "<" + printable(child.name()) + "> is no shape that CVAT has: it is not read");
    }
    return head;
  }

  /// The annotations of a run, with its classes and layers as those of all.
  void take(Parsed&& parsed) {
    std::vector<CategoryIndex> class_of;
    for (const std::string& name : parsed.names) class_of.push_back(class_named(name));
    std::vector<std::uint16_t> layer_of{0};
    for (const std::string& name : parsed.layers) layer_of.push_back(layer_named(name));
    for (Annotation& a : parsed.part.annotations) {
      if (a.category != none<CategoryIndex>) a.category = class_of[to_size(a.category)];
      a.layer = layer_of[a.layer];
      a.order = next_order_[to_size(file_)]++;
    }
    d_.append_annotations(std::move(parsed.part));
    findings_.append(std::move(parsed.findings));
  }

  void place(ImageIndex index, Head&& head) {
    Image& image = d_.images[to_size(index)];
    if (head.name.empty())
      tell("FMT401", Severity::error, d_.image_positions[to_size(index)].offset(), "the image has no name",
           "write the name of its file");
    const std::string& subset = head.subset.empty() ? default_subset_ : head.subset;
    const Finder::Found found = finder_.find(folder_of(path_), subset, head.name);
    std::string path(found.media);
    if (path.empty()) {
      const std::string root = folder_of(path_).empty() ? "" : std::string(folder_of(path_)) + "/";
      path = root + std::string(images_folder) + (subset.empty() ? "" : subset + "/") + head.name;
      if (path_problem(path)) path = root + std::string(images_folder) + clean_name(head.name);
      if (!options_.known_size && finder_.any_image())
        tell("FMT404", Severity::warning, d_.image_positions[to_size(index)].offset(),
             "image '" + printable(head.name) + "' is not here", "add the image, or take its element out");
    }
    image.path = d_.add_text(path);
    if (!found.media.empty()) image.media = image.path;
    media_.add(found.media, found.own);
    if (head.width > 0 && head.height > 0) {
      image.width = head.width;
      image.height = head.height;
      image.size_origin = SizeOrigin::stated;
    }
    d_.image_ids.numbers.push_back(head.id);
    if (!head.residue.empty())
      image_residues_.push_back({Owner::image, static_cast<std::uint32_t>(index), d_.add_text(head.residue)});
    if (!subset.empty()) members_[split_named(subset)].push_back(index);
  }

  // Tracks: each shape of a track lies on a frame of its own.

  void read_tracks(const Pieces& pieces) {
    std::map<std::uint32_t, ImageIndex> frames;
    std::size_t tracks = 0;
    for (const Piece& piece : pieces.all) {
      if (piece.name != "track") continue;
      ++tracks;
      Parsed parsed = fresh();
      if (const Result<void> read =
              parsed.xml.read(text_.substr(piece.begin, piece.end - piece.begin), options_.limits);
          !read) {
        tell(read.error(), piece);
        continue;
      }
      read_track(parsed, piece, frames);
    }
    if (tracks > 0)
      notes_.push_back(counted(tracks, "track") + " of a video on " + counted(frames.size(), "frame") +
                       ", every shape that the document lists an object of its own");
  }

  void read_track(Parsed& parsed, const Piece& piece, std::map<std::uint32_t, ImageIndex>& frames) {
    std::string label, id;
    const XmlNode root = parsed.xml.root();
    root.each_attribute([&](std::string_view name, std::string_view value) {
      if (name == "label") label = value;
      if (name == "id") id = value;
    });
    const auto track = to_index<TrackIndex>(d_.tracks.size());
    const std::string token = id.empty() ? std::string() : json_of_text(id);
    const Text token_text = d_.add_text(token);
    d_.tracks.push_back({.id = token_text, .category = label.empty() ? none<CategoryIndex> : class_named(label)});
    std::vector<TrackState> states;
    for (const XmlNode child : root.elements()) {
      if (!is_shape(child.name())) continue;
      std::optional<std::uint32_t> number;
      TrackState state{.track = track};
      child.each_attribute([&](std::string_view name, std::string_view value) {
        const NumberText n = read_number(value);
        if (name == "frame" && n.fits_int64 && n.length == value.size() && n.whole >= 0 && n.whole <= 0x7fffffff)
          number = static_cast<std::uint32_t>(n.whole);
        if (name == "keyframe") state.keyframe = value == "1" ? Tristate::yes : Tristate::no;
        if (name == "outside") state.outside = value == "1" ? Tristate::yes : Tristate::no;
      });
      if (!number) {
        tell("FMT401", Severity::error, piece.begin + child.offset(), "the shape of a track says no frame");
        continue;
      }
      const auto known = frames.find(*number);
      const ImageIndex image =
          known != frames.end() ? known->second : frames.emplace(*number, frame(*number)).first->second;
      const Frame where{.file = file_,
                        .path = path_,
                        .offset = piece.begin,
                        .image = image,
                        .width = d_[image].width,
                        .height = d_[image].height};
      const std::size_t before = parsed.part.annotations.size();
      if (!read_shape(child, label, where, meta_.labels, options_.limits, parsed)) continue;
      parsed.part.annotations[before].flags.set(Flag::keyframe, state.keyframe);
      Text own = parsed.part.track_ids[before];
      if (own.empty()) parsed.part.track_ids[before] = parsed.part.add_text(token);
      state.annotation = to_index<AnnotationIndex>(d_.annotations.size() + before);
      state.frame = *number;
      states.push_back(state);
    }
    take(std::move(parsed));
    for (const TrackState& state : states) d_.track_states.push_back(state);
  }

  /// The image of a frame: "images/frame_000013.png", or whatever has that name.
  ImageIndex frame(std::uint32_t number) {
    char stem[32];
    std::snprintf(stem, sizeof stem, "frame_%06u", number);
    const auto index = to_index<ImageIndex>(d_.images.size());
    d_.images.push_back({.file = file_});
    d_.image_positions.push_back({});
    Head head{.name = std::string(stem) + ".png", .subset = {}, .width = meta_.width, .height = meta_.height};
    for (const std::string_view extension : {".png", ".jpg", ".jpeg", ".PNG", ".JPG"})
      if (!finder_.find(folder_of(path_), {}, stem + std::string(extension)).media.empty())
        head.name = stem + std::string(extension);
    place(index, std::move(head));
    return index;
  }

  // The whole.

  void finish_splits() {
    for (std::size_t s = 0; s < members_.size(); ++s)
      for (std::size_t i = 0; i < members_[s].size(); ++i)
        d_.memberships.push_back(
            {.split = to_index<SplitIndex>(s), .image = members_[s][i], .order = static_cast<std::uint32_t>(i)});
  }

  const Tree& tree_;
  const ReadOptions& options_;
  Finder finder_;
  Dataset d_;
  Findings findings_;
  std::vector<std::string> notes_;
  MediaFiles media_;
  std::map<std::string, CategoryIndex, std::less<>> classes_;
  std::map<std::string, std::size_t, std::less<>> splits_;
  std::vector<std::vector<ImageIndex>> members_;  // by split
  std::vector<Residue> image_residues_;
  std::map<std::size_t, std::uint32_t> next_order_;  // by file
  // Of the document at hand.
  std::string_view path_, text_;
  FileIndex file_{};
  Meta meta_;
  std::string default_subset_;
};

}  // namespace

Result<Reading> read_cvat(const Tree& tree, const ReadOptions& options) { return Reader(tree, options).read(); }

}  // namespace vetset::cvat_parts

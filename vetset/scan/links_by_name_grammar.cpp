#include "vetset/scan/links_by_name_grammar.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "vetset/base/tree.h"

namespace vetset {
namespace {

constexpr std::string_view digits = "0123456789", hex_digits = "0123456789abcdef", separators = "_-. ";
constexpr std::size_t none_at = std::string_view::npos;

/// Words that a number may follow in a token of its own: "_aug_3", "_rot_90".
constexpr std::string_view counted_marks[] = {"aug",      "augmented", "augmentation", "rot",   "rotate", "rotated",
                                              "rotation", "flip",      "flipped",      "hflip", "vflip",  "copy",
                                              "mirror",   "mirrored",  "fliplr",       "flipud"};
constexpr std::string_view other_marks[] = {
    "flop",        "lr",      "ud",        "hv",         "brightness", "bright",     "brighten",   "dark",
    "darken",      "darker",  "contrast",  "blur",       "blurred",    "gaussian",   "noise",      "noisy",
    "crop",        "cropped", "zoom",      "zoomed",     "scaled",     "resize",     "resized",    "shear",
    "sheared",     "shift",   "shifted",   "translated", "hue",        "saturation", "jitter",     "colorjitter",
    "gray",        "grey",    "grayscale", "greyscale",  "sharpen",    "sharpened",  "cutout",     "mosaic",
    "mixup",       "clahe",   "equalize",  "equalized",  "invert",     "inverted",   "solarize",   "posterize",
    "perspective", "affine",  "elastic",   "distorted",  "edited",     "enhanced",   "compressed", "thumb",
    "thumbnail",   "rot90",   "rot180",    "rot270"};
/// Parts of a path that say where an image is put, not what it shows.
constexpr std::string_view places[] = {"train", "training", "val", "valid",      "validation",
                                       "test",  "testing",  "dev", "eval",       "images",
                                       "image", "imgs",     "img", "jpegimages", "data"};
constexpr std::string_view extensions[] = {"jpg", "jpeg", "png", "bmp", "webp", "tif", "tiff", "gif"};

template <std::size_t n>
bool is_one_of(std::string_view word, const std::string_view (&words)[n]) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}
bool all_of(std::string_view text, std::string_view set) {
  return !text.empty() && text.find_first_not_of(set) == none_at;
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}
std::string_view without_end_digits(std::string_view token) {
  return token.substr(0, token.find_last_not_of(digits) + 1);
}
std::string_view without_end_separators(std::string_view text) {
  return text.substr(0, text.find_last_not_of(separators) + 1);
}
/// Runs of digits as one '#', for what is said about a kind of mark.
std::string with_signs(std::string_view mark) {
  std::string out;
  for (const char c : mark)
    if (!is_digit(c))
      out += c;
    else if (out.empty() || out.back() != '#')
      out += '#';
  return out;
}
/// The token after the last separator.
std::string_view last_token(std::string_view text) {
  const std::size_t at = text.find_last_of(separators);
  return at == none_at ? text : text.substr(at + 1);
}

/// Takes marks off a stem, outermost first.
class Marks {
 public:
  explicit Marks(std::string_view stem) : left_(stem) {}

  void take_all() {
    take_augmentor();
    constexpr int most = 6;
    for (int k = 0; k < most; ++k)
      if (!take_roboflow() && !take_brackets() && !take_words()) break;
    take_first_word();
  }
  std::string_view left() const { return left_; }
  const std::string& pattern() const { return pattern_; }

 private:
  bool take(std::size_t keep, std::string pattern) {
    const std::string_view rest = without_end_separators(left_.substr(0, keep));
    if (rest.empty()) return false;
    pattern_.insert(0, pattern);
    left_ = rest;
    return true;
  }

  /// "ana_jpg.rf.0e0bd4d38c146d3200e3ef3549a284bb": Roboflow's exports.
  bool take_roboflow() {
    const std::size_t at = left_.rfind(".rf.");
    if (at == none_at || at == 0 || left_.size() - at < 12 ||
        !all_of(left_.substr(at + 4), "0123456789abcdefghijklmnopqrstuvwxyz"))
      return false;
    std::size_t keep = at;
    const std::string_view token = last_token(left_.substr(0, at));
    if (is_one_of(token, extensions) && token.size() < at) keep = at - token.size();
    return take(keep, ".rf.#");
  }

  /// "cats_original_ana.jpg_0e0bd4d3-8c14-…": Augmentor's.
  void take_augmentor() {
    const std::size_t at = left_.find("_original_");
    if (at == none_at) return;
    const std::string_view rest = left_.substr(at + 10);
    for (const std::string_view extension : extensions) {
      const std::size_t end = rest.find("." + std::string(extension) + "_");
      if (end == none_at || end == 0 || !all_of(rest.substr(end + extension.size() + 2), "0123456789abcdef-")) continue;
      left_ = rest.substr(0, end);
      pattern_ = "_original_#";
      return;
    }
  }

  /// "ana (2)", "ana(2)".
  bool take_brackets() {
    if (left_.empty() || left_.back() != ')') return false;
    const std::size_t at = left_.rfind('(');
    if (at == none_at || at == 0 || !all_of(left_.substr(at + 1, left_.size() - at - 2), digits)) return false;
    return take(at, left_[at - 1] == ' ' ? " (#)" : "(#)");
  }

  /// "ana_aug3", "ana - copy", "ana_rot_90", "ana_brightness".
  bool take_words() {
    const std::string_view token = last_token(left_);
    if (token.size() == left_.size() || token.empty()) return false;
    const std::size_t at = left_.size() - token.size();
    const std::string_view word = without_end_digits(token);
    if (is_one_of(token, other_marks) || is_one_of(word, other_marks) || is_one_of(word, counted_marks))
      return take(at, mark_from(at));
    if (!word.empty()) return false;
    const std::string_view before = without_end_separators(left_.substr(0, at));
    const std::string_view named = last_token(before);
    if (named.size() == before.size() || !is_one_of(named, counted_marks)) return false;
    return take(before.size() - named.size(), mark_from(before.size() - named.size()));
  }
  /// The mark that begins at a token, with the separator before it.
  std::string mark_from(std::size_t at) const { return with_signs(left_.substr(at - 1)); }

  /// "aug_3_ana", "copy of ana", "hflip_ana".
  void take_first_word() {
    std::size_t end = left_.find_first_of(separators);
    if (end == none_at || !is_one_of(without_end_digits(left_.substr(0, end)), counted_marks)) return;
    std::string_view rest = left_.substr(end + 1);
    if (rest.substr(0, 3) == "of ") rest.remove_prefix(3);
    const std::size_t number = rest.find_first_of(separators);
    if (number != none_at && all_of(rest.substr(0, number), digits)) rest.remove_prefix(number + 1);
    if (rest.empty() || all_of(rest, digits)) return;  // "aug_12" is a series
    pattern_ = with_signs(left_.substr(0, left_.size() - rest.size())) + pattern_;
    left_ = rest;
  }

  std::string_view left_;
  std::string pattern_;
};

std::string folder_key(std::string_view path) {
  std::string out;
  std::string_view rest = folder_of(path);
  while (!rest.empty()) {
    const std::size_t slash = rest.find('/');
    const std::string_view part = rest.substr(0, slash);
    if (!is_one_of(lower_case(part), places)) out += (out.empty() ? "" : "/") + std::string(part);
    rest = slash == none_at ? std::string_view() : rest.substr(slash + 1);
  }
  return out;
}

bool number_of(std::string_view text, std::uint64_t& out) {
  return std::from_chars(text.data(), text.data() + text.size(), out).ec == std::errc();
}

/// Whether the token that holds a number reads as a word with a number, and not as a piece of a hash.
bool counts(std::string_view token, std::size_t begin, std::size_t end) {
  if (token.substr(end).find_first_of(digits) != none_at || token.substr(0, begin).find_first_of(digits) != none_at)
    return false;
  const bool mixed = begin != 0 || end != token.size();
  return !(mixed && token.size() >= 8 && all_of(token, hex_digits));
}

/// Whether the name is a digest or UUID as a whole: its digits count nothing.
bool is_hash(std::string_view root) {
  std::string joined;
  for (const char c : root)
    if (c != '-') joined += c;
  return joined.size() >= 16 && all_of(joined, hex_digits) && !all_of(joined, digits);
}

void find_counter(NameGrammar& name) {
  const std::string_view root = name.root;
  name.series = name.root;
  if (is_hash(root)) return;
  const std::size_t last = root.find_last_of(digits);
  if (last == none_at) return;
  const std::size_t before = root.substr(0, last).find_last_not_of(digits);
  const std::size_t begin = before == none_at ? 0 : before + 1;
  const std::size_t token_begin = begin == 0 ? 0 : root.find_last_of(separators, begin) + 1;  // npos + 1 is 0
  const std::size_t token_end = std::min(root.find_first_of(separators, last), root.size());
  if (!counts(root.substr(token_begin, token_end - token_begin), begin - token_begin, last + 1 - token_begin)) return;
  std::uint64_t value = 0;
  if (!number_of(root.substr(begin, last + 1 - begin), value)) return;
  name.counter = value;
  name.series = name.root.substr(0, begin) + "#" + name.root.substr(last + 1);
}

struct Axis {
  std::string_view letters;
  std::uint64_t value = 0;
};
/// "r3", "col04", "x512", "7" at the end of `rest`, which is cut before it.
std::optional<Axis> take_axis(std::string_view& rest) {
  const std::string_view token = last_token(rest);
  const std::size_t letters = token.find_first_of(digits);
  Axis axis;
  if (letters == none_at || letters > 3 || !all_of(token.substr(letters), digits)) return {};
  if (!number_of(token.substr(letters), axis.value)) return {};
  axis.letters = token.substr(0, letters);
  rest = without_end_separators(rest.substr(0, rest.size() - token.size()));
  return axis;
}

void find_tile(NameGrammar& name) {
  static constexpr std::string_view down[] = {"r", "row", "y", "top", "i"}, across[] = {"c", "col", "x", "j"};
  static constexpr std::string_view words[] = {"tile", "tiles", "patch", "chip", "block"};
  std::string_view rest = name.root;
  const auto second = take_axis(rest);
  const auto first = second ? take_axis(rest) : std::nullopt;
  if (!first || rest.empty()) return;
  const bool axes = (is_one_of(first->letters, down) && is_one_of(second->letters, across)) ||
                    (is_one_of(first->letters, across) && is_one_of(second->letters, down));
  if (!axes && (!first->letters.empty() || !second->letters.empty())) return;
  const bool word = is_one_of(last_token(rest), words);
  name.tile = NameGrammar::Tile{
      .parent = std::string(rest), .first = first->value, .second = second->value, .named = axes || word};
}

}  // namespace

NameGrammar name_grammar(std::string_view path) {
  NameGrammar name{.folder = folder_key(path), .root = {}, .pattern = {}, .series = {}};
  const std::string stem = lower_case(stem_of(path));
  Marks marks(stem);
  marks.take_all();
  name.root = std::string(marks.left());
  name.pattern = marks.pattern();
  find_counter(name);
  find_tile(name);
  return name;
}

}  // namespace vetset

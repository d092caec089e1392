// The XML of one image: its kept text with as little changed as need be, or written anew.
#include <algorithm>

#include "vetset/base/json.h"
#include "vetset/formats/corner_box.h"
#include "vetset/formats/voc/voc.h"

namespace vetset::voc_parts {
namespace {

std::string_view kept_bytes(const Dataset& d, const Image& image) {
  return is_native(d) && image.file != none<FileIndex> ? d.text(d[image.file].bytes) : std::string_view();
}

/// Where the object of an annotation begins in the kept text of its image's file.
std::optional<std::size_t> kept_place(const Dataset& d, AnnotationIndex i) {
  const Annotation& a = d[i];
  if (!is_native(d) || a.image == none<ImageIndex> || d.annotation_positions.empty()) return std::nullopt;
  const Position at = d.annotation_positions[to_size(i)];
  if (!at.known() || at.file() != d[a.image].file) return std::nullopt;
  const std::string_view bytes = kept_bytes(d, d[a.image]);
  if (at.offset() >= bytes.size() || !bytes.substr(at.offset()).starts_with("<object")) return std::nullopt;
  return at.offset();
}

std::string escaped(std::string_view text) {
  std::string out;
  append_xml_text(out, text);
  return out;
}

/// Writes pieces of a text, some of them replaced.
class Splicer {
 public:
  explicit Splicer(std::string_view text) : text_(text) {}
  void replace(Span span, std::string_view with) {
    out_.append(text_.substr(at_, span.begin - at_)).append(with);
    at_ = span.end;
  }
  /// Leaves a span out, with the blanks before it.
  void cut(Span span) {
    std::size_t begin = span.begin;
    while (begin > at_ && (text_[begin - 1] == ' ' || text_[begin - 1] == '\t')) --begin;
    if (begin > at_ && text_[begin - 1] == '\n') --begin;
    if (begin > at_ && text_[begin - 1] == '\r') --begin;
    replace({begin, span.end}, {});
  }
  std::string finish() && {
    out_.append(text_.substr(at_));
    return std::move(out_);
  }

 private:
  std::string_view text_;
  std::string out_;
  std::size_t at_ = 0;
};

class ImageText {
 public:
  ImageText(const Dataset& d, const Plan& plan)
      : d_(d), plan_(plan), native_(is_native(d)), corners_(corners_to_write(d)) {}

  /// The kept text; nothing where its objects are no longer those of the image.
  std::optional<std::string> kept(ImageIndex index, std::span<const AnnotationIndex> annotations) const {
    const Image& image = d_[index];
    const std::string_view bytes = kept_bytes(d_, image);
    if (bytes.empty()) return std::nullopt;
    if (image.state == ImageState::not_said && annotations.empty()) return std::string(bytes);  // could not be read
    const std::vector<Span> spans = object_spans(bytes);
    Splicer splicer(bytes);
    if (!plan_.as_read)
      if (const auto name = child_text(bytes, "filename"))
        if (spans.empty() || name->end <= spans.front().begin)
          splicer.replace(*name, escaped(base_name(plan_.targets[to_size(index)].image_path)));
    auto next = annotations.begin();
    for (const Span& span : spans) {
      const bool stays = next != annotations.end() && kept_place(d_, *next) == span.begin;
      if (!stays) {
        splicer.cut(span);
        continue;
      }
      const CategoryIndex category = d_[*next++].category;
      if (category == none<CategoryIndex>) continue;
      const std::string_view object = bytes.substr(span.begin, span.end - span.begin);
      const auto name = child_text(object, "name");
      if (!name) return std::nullopt;
      const std::string now = escaped(plan_.class_names[to_size(category)]);
      if (now != trimmed(object.substr(name->begin, name->end - name->begin)))
        splicer.replace({span.begin + name->begin, span.begin + name->end}, now);
    }
    if (next != annotations.end()) return std::nullopt;
    return std::move(splicer).finish();
  }

  std::string anew(ImageIndex index, std::span<const AnnotationIndex> annotations) {
    const Image& image = d_[index];
    const std::string residue = native_ ? residue_of(Owner::image, to_size(index)) : std::string();
    out_.reserve(320 + annotations.size() * 360);
    out_ += "<annotation";
    if (!residue.empty()) root_attributes(residue);
    out_ += ">\n";
    if (!native_) out_ += "\t<folder>JPEGImages</folder>\n";
    element("\t", "filename", base_name(plan_.targets[to_size(index)].image_path));
    if (!native_) out_ += "\t<source>\n\t\t<database>Unknown</database>\n\t</source>\n";
    append_residue_xml(out_, residue, "\t");
    size(image, residue);
    if (!native_) out_ += "\t<segmented>0</segmented>\n";
    for (const AnnotationIndex i : annotations) object(i);
    out_ += "</annotation>\n";
    return std::move(out_);
  }

 private:
  std::string residue_of(Owner owner, std::size_t index) const {
    const auto rows = d_.residues.empty() ? std::span<const Residue>() : d_.residues_of(owner, index);
    return rows.empty() ? std::string() : std::string(d_.text(rows.front().json));
  }

  void root_attributes(std::string_view residue) {
    const Result<Json> json = Json::parse(residue);
    if (!json) return;
    for (const auto& [key, value] : json->members()) {
      if (!key.starts_with('@') || !is_xml_name(std::string_view(key).substr(1))) continue;
      out_.append(" ").append(key, 1).append("=\"");
      append_xml_attribute(out_, value.text());
      out_ += '"';
    }
  }

  void element(std::string_view indent, std::string_view name, std::string_view text) {
    out_.append(indent).append("<").append(name).append(">");
    append_xml_text(out_, text);
    out_.append("</").append(name).append(">\n");
  }
  template <class Number>
  void number(std::string_view begin, Number value, std::string_view end) {
    out_.append(begin);
    append_number(out_, value);
    out_.append(end);
  }

  void size(const Image& image, std::string_view residue) {
    const bool known = image.width > 0 && image.height > 0;
    std::string rest;
    append_residue_xml(rest, residue, "\t\t", "size");
    if (!known && rest.empty()) return;
    out_ += "\t<size>\n";
    if (known) {
      number("\t\t<width>", std::uint64_t{image.width}, "</width>\n");
      number("\t\t<height>", std::uint64_t{image.height}, "</height>\n");
    }
    out_.append(rest).append("\t</size>\n");
  }

  void object(AnnotationIndex i) {
    const Annotation& a = d_[i];
    const std::string residue = native_ ? residue_of(Owner::annotation, to_size(i)) : std::string();
    out_ += "\t<object>\n\t\t<name>";
    append_xml_text(out_, plan_.class_names[to_size(a.category)]);
    out_ += "</name>\n";
    const auto attributes =
        d_.attributes.empty() ? std::span<const Attribute>() : d_.attributes_of(Owner::annotation, to_size(i));
    const Attribute* const pose = pose_of(attributes);
    if (pose == nullptr)
      out_ += "\t\t<pose>Unspecified</pose>\n";
    else
      element("\t\t", "pose", string_of(d_.text(pose->value)));
    flags(a.flags, residue);
    box(*corner_box_of(d_, a));
    other_attributes(attributes, pose);
    append_residue_xml(out_, residue, "\t\t");
    out_ += "\t</object>\n";
  }

  /// Marks that are not said are written as 0 where readers ask for them.
  void flags(Flags flags, std::string_view residue) {
    constexpr std::string_view no[] = {"\t\t<truncated>0</truncated>\n", "\t\t<difficult>0</difficult>\n",
                                       "\t\t<occluded>0</occluded>\n"};
    constexpr std::string_view yes[] = {"\t\t<truncated>1</truncated>\n", "\t\t<difficult>1</difficult>\n",
                                        "\t\t<occluded>1</occluded>\n"};
    for (std::size_t k = 0; k < std::size(voc_flags); ++k) {
      const Tristate said = flags[voc_flags[k]];
      const bool asked_for = voc_flags[k] != Flag::occluded && !native_;
      if (said == Tristate::yes)
        out_ += yes[k];
      else if (said == Tristate::no || (asked_for && residue.empty()))
        out_ += no[k];
    }
  }

  void box(const Box& b) {
    const CornerNumbers c = corners_of(b, corners_);
    number("\t\t<bndbox>\n\t\t\t<xmin>", c.xmin, "</xmin>\n");
    number("\t\t\t<ymin>", c.ymin, "</ymin>\n");
    number("\t\t\t<xmax>", c.xmax, "</xmax>\n");
    number("\t\t\t<ymax>", c.ymax, "</ymax>\n\t\t</bndbox>\n");
  }

  static std::string string_of(std::string_view json) {
    JsonCursor in(json);
    return in.type() == JsonType::string ? std::string(in.read_string()) : std::string();
  }
  const Attribute* pose_of(std::span<const Attribute> attributes) const {
    for (const Attribute& row : attributes) {
      if (d_.text(row.key) != "pose") continue;
      const std::string text = string_of(d_.text(row.value));
      if (!text.empty() && text != "Unspecified" && trimmed(text) == text && fits_xml(text)) return &row;
    }
    return nullptr;
  }

  /// As CVAT and Datumaro write them. Text that would be read as something else goes out as the JSON it is.
  void other_attributes(std::span<const Attribute> attributes, const Attribute* pose) {
    if (attributes.size() == (pose == nullptr ? 0U : 1U)) return;
    out_ += "\t\t<attributes>\n";
    for (const Attribute& row : attributes) {
      if (&row == pose) continue;
      std::string_view value = d_.text(row.value);
      const std::string text = string_of(value);
      if (!text.empty() && reads_as_text(text)) value = text;
      out_ += "\t\t\t<attribute>\n";
      element("\t\t\t\t", "name", d_.text(row.key));
      element("\t\t\t\t", "value", value);
      out_ += "\t\t\t</attribute>\n";
    }
    out_ += "\t\t</attributes>\n";
  }
  static bool reads_as_text(std::string_view text) {
    JsonCursor json(text);
    json.skip();
    return (json.failed() || !json.at_end() || json.odd_numbers() > 0) && fits_xml(text) &&
           text.find('\r') == std::string_view::npos;
  }

  const Dataset& d_;
  const Plan& plan_;
  bool native_;
  Corners corners_;
  std::string out_;
};

}  // namespace

bool is_native(const Dataset& d) { return d.format == "voc"; }

bool keeps_object(const Dataset& d, AnnotationIndex i) { return kept_place(d, i).has_value(); }

bool is_written(const Dataset& d, AnnotationIndex i) { return keeps_object(d, i) || has_corner_box(d, i); }

Corners corners_to_write(const Dataset& d) {
  if (!is_native(d)) return Corners::from_zero;
  const Result<Json> own = Json::parse(d.residue);
  return own ? corners_named(own->text_or("corners", "")).value_or(Corners::from_zero) : Corners::from_zero;
}

std::string xml_text(const Dataset& d, ImageIndex image, std::span<const AnnotationIndex> annotations, const Plan& plan,
                     const Policies& policies, std::vector<AnnotationIndex>& written) {
  written.clear();
  const bool native = is_native(d);
  for (const AnnotationIndex i : annotations)
    if ((native && keeps_object(d, i)) || (has_corner_box(d, i) && !drops_corner_box(d, i, policies)))
      written.push_back(i);
  ImageText text(d, plan);
  if (native) {
    if (auto kept = text.kept(image, written)) return *std::move(kept);
    std::erase_if(written, [&](AnnotationIndex i) { return !has_corner_box(d, i); });
  }
  return text.anew(image, written);
}

}  // namespace vetset::voc_parts

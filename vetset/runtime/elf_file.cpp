#include "vetset/runtime/elf_file.h"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <optional>

namespace vetset {
namespace {

/// What a library may name of one kind before it is taken for an attack.
constexpr std::size_t most_entries = 65536;
constexpr std::size_t most_symbols = 20'000'000;
constexpr std::uint32_t isa_1_needed = 0xc0008002U;  // GNU_PROPERTY_X86_ISA_1_NEEDED

/// Reads structures out of bytes that may end anywhere.
class ElfBytes {
 public:
  explicit ElfBytes(std::string_view bytes) : bytes_(bytes) {}

  template <class T>
  bool at(std::uint64_t offset, T& out) const {
    if (offset > bytes_.size() || bytes_.size() - offset < sizeof(T)) return false;
    std::memcpy(&out, bytes_.data() + offset, sizeof(T));
    return true;
  }
  std::string_view part(std::uint64_t offset, std::uint64_t size) const {
    if (offset > bytes_.size()) return {};
    return bytes_.substr(static_cast<std::size_t>(offset),
                         static_cast<std::size_t>(std::min<std::uint64_t>(size, bytes_.size() - offset)));
  }

 private:
  std::string_view bytes_;
};

/// Text that ends in a zero; nothing where none does.
std::optional<std::string_view> elf_text(std::string_view strings, std::uint64_t at) {
  if (at >= strings.size()) return std::nullopt;
  strings.remove_prefix(static_cast<std::size_t>(at));
  const std::size_t end = strings.find('\0');
  if (end == std::string_view::npos || end > 4096) return std::nullopt;
  return strings.substr(0, end);
}

class ElfReader {
 public:
  explicit ElfReader(std::string_view bytes) : bytes_(bytes) {}

  std::optional<Error> open();
  Result<ElfFile> read();
  void symbols(const std::function<bool(std::string_view, bool)>& take);

 private:
  std::optional<Error> headers();
  void stack_and_notes();
  std::optional<Error> dynamic();
  std::optional<Error> wanted(std::uint64_t at, std::uint64_t count);
  void given(std::uint64_t at, std::uint64_t count);
  void fatbin();
  std::string_view section(const Elf64_Shdr& s) const {
    return bytes_.part(s.sh_offset, s.sh_type == SHT_NOBITS ? 0 : s.sh_size);
  }
  std::optional<std::uint64_t> offset_of(std::uint64_t address) const;
  std::optional<std::string_view> text(std::uint64_t at) const { return elf_text(strings_, at); }
  Error bad(std::string what) const { return {Code::malformed, std::move(what)}; }

  ElfBytes bytes_;
  Elf64_Ehdr head_ = {};
  std::vector<Elf64_Phdr> segments_;
  std::vector<Elf64_Shdr> sections_;
  std::string_view strings_;
  ElfFile file_;
};

std::optional<Error> ElfReader::open() {
  if (!bytes_.at(0, head_) || std::memcmp(head_.e_ident, ELFMAG, SELFMAG) != 0)
    return bad("expected an ELF library or program");
  if (head_.e_ident[EI_CLASS] != ELFCLASS64 || head_.e_ident[EI_DATA] != ELFDATA2LSB)
    return Error{Code::unsupported, "expected 64 bits, little endian"};
  return headers();
}

std::optional<Error> ElfReader::headers() {
  if (head_.e_phnum > 0 && head_.e_phentsize != sizeof(Elf64_Phdr)) return bad("has program headers of a strange size");
  for (std::uint64_t i = 0; i < head_.e_phnum; ++i) {
    Elf64_Phdr p = {};
    if (head_.e_phoff > ~std::uint64_t{0} / 2 || !bytes_.at(head_.e_phoff + i * sizeof p, p))
      return bad("is cut off inside its program headers");
    segments_.push_back(p);
  }
  if (head_.e_shentsize != sizeof(Elf64_Shdr) || head_.e_shoff == 0 || head_.e_shoff > ~std::uint64_t{0} / 2)
    return std::nullopt;
  for (std::uint64_t i = 0; i < head_.e_shnum; ++i) {
    Elf64_Shdr s = {};
    if (!bytes_.at(head_.e_shoff + i * sizeof s, s)) return bad("is cut off before its section headers");
    sections_.push_back(s);
  }
  return std::nullopt;
}

std::optional<std::uint64_t> ElfReader::offset_of(std::uint64_t address) const {
  for (const Elf64_Phdr& p : segments_)
    if (p.p_type == PT_LOAD && address >= p.p_vaddr && address - p.p_vaddr < p.p_filesz &&
        p.p_offset <= ~std::uint64_t{0} - p.p_filesz)
      return p.p_offset + (address - p.p_vaddr);
  return std::nullopt;
}

Result<ElfFile> ElfReader::read() {
  if (auto error = open()) return *std::move(error);
  file_.machine_number = head_.e_machine;
  if (head_.e_machine == EM_X86_64) file_.machine = ElfMachine::x86_64;
  if (head_.e_machine == EM_AARCH64) file_.machine = ElfMachine::aarch64;
  stack_and_notes();
  if (auto error = dynamic()) return *std::move(error);
  fatbin();
  return std::move(file_);
}

void ElfReader::stack_and_notes() {
  for (const Elf64_Phdr& p : segments_) {
    if (p.p_type == PT_INTERP) file_.is_program = true;
    if (p.p_type == PT_GNU_STACK && (p.p_flags & PF_X) != 0) file_.executable_stack = true;
    if (p.p_type != PT_GNU_PROPERTY && p.p_type != PT_NOTE) continue;
    const std::string_view all = bytes_.part(p.p_offset, std::min<std::uint64_t>(p.p_filesz, 1 << 16));
    const ElfBytes notes(all);
    Elf64_Nhdr n = {};
    for (std::uint64_t at = 0; notes.at(at, n);) {
      const std::uint64_t name = at + sizeof n, body = name + ((std::uint64_t{n.n_namesz} + 3) & ~std::uint64_t{3});
      const std::uint64_t end = body + n.n_descsz;
      if (n.n_type == NT_GNU_PROPERTY_TYPE_0 && notes.part(name, 4) == std::string_view("GNU\0", 4)) {
        std::uint32_t kind = 0, size = 0, value = 0;
        for (std::uint64_t q = body; q + 8 <= end && notes.at(q, kind) && notes.at(q + 4, size);
             q += 8 + ((std::uint64_t{size} + 7) & ~std::uint64_t{7}))
          if (kind == isa_1_needed && size == 4 && notes.at(q + 8, value))
            for (std::uint32_t level = 1; level <= 4; ++level)
              if ((value >> (level - 1) & 1U) != 0) file_.isa_level = level;
      }
      at = (end + 7) & ~std::uint64_t{7};
      if (p.p_type == PT_NOTE) at = (end + 3) & ~std::uint64_t{3};
    }
  }
}

std::optional<Error> ElfReader::dynamic() {
  const auto it =
      std::find_if(segments_.begin(), segments_.end(), [](const Elf64_Phdr& p) { return p.p_type == PT_DYNAMIC; });
  if (it == segments_.end()) return std::nullopt;
  file_.dynamic = true;
  std::vector<Elf64_Dyn> entries;
  Elf64_Dyn d = {};
  for (std::uint64_t at = 0; at + sizeof d <= it->p_filesz; at += sizeof d) {
    if (it->p_offset > ~std::uint64_t{0} / 2 || !bytes_.at(it->p_offset + at, d))
      return bad("is cut off inside its dynamic section");
    if (d.d_tag == DT_NULL) break;
    entries.push_back(d);
    if (entries.size() > most_entries) return Error{Code::limit, "has more than 65,536 dynamic entries"};
  }
  const auto value = [&](std::int64_t tag) -> std::uint64_t {
    for (const Elf64_Dyn& e : entries)
      if (e.d_tag == tag) return e.d_un.d_val;
    return 0;
  };
  const auto strings = offset_of(value(DT_STRTAB));
  if (!strings) return entries.empty() ? std::nullopt : std::optional(bad("names no strings for its dynamic section"));
  strings_ = bytes_.part(*strings, value(DT_STRSZ));
  for (const Elf64_Dyn& e : entries) {
    if (e.d_tag != DT_NEEDED && e.d_tag != DT_SONAME && e.d_tag != DT_RPATH && e.d_tag != DT_RUNPATH) continue;
    const auto name = text(e.d_un.d_val);
    if (!name) return bad("has a dynamic entry whose text does not end");
    if (e.d_tag == DT_NEEDED) file_.needed.emplace_back(*name);
    if (e.d_tag == DT_SONAME) file_.soname = *name;
    if (e.d_tag == DT_RPATH || e.d_tag == DT_RUNPATH) {
      std::vector<std::string>& to = e.d_tag == DT_RPATH ? file_.rpath : file_.runpath;
      for (std::string_view left = *name; !left.empty();) {
        const std::size_t end = std::min(left.find(':'), left.size());
        if (end > 0) to.emplace_back(left.substr(0, end));
        left.remove_prefix(std::min(end + 1, left.size()));
      }
    }
  }
  if (const auto at = offset_of(value(DT_VERDEF))) given(*at, value(DT_VERDEFNUM));
  if (const auto at = offset_of(value(DT_VERNEED))) return wanted(*at, value(DT_VERNEEDNUM));
  return std::nullopt;
}

std::optional<Error> ElfReader::wanted(std::uint64_t at, std::uint64_t count) {
  std::size_t seen = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    Elf64_Verneed need = {};
    if (!bytes_.at(at, need)) return bad("is cut off inside the versions that it asks for");
    ElfVersions one{std::string(text(need.vn_file).value_or("")), {}};
    std::uint64_t inner = at + need.vn_aux;
    for (std::uint32_t k = 0; k < need.vn_cnt; ++k) {
      Elf64_Vernaux aux = {};
      if (++seen > most_entries) return Error{Code::limit, "asks for more than 65,536 versions of symbols"};
      if (!bytes_.at(inner, aux)) return bad("is cut off inside the versions that it asks for");
      one.names.emplace_back(text(aux.vna_name).value_or(""));
      if (aux.vna_next == 0) break;
      inner += aux.vna_next;
    }
    file_.wanted.push_back(std::move(one));
    if (need.vn_next == 0 || file_.wanted.size() > most_entries) break;
    at += need.vn_next;
  }
  return std::nullopt;
}

void ElfReader::given(std::uint64_t at, std::uint64_t count) {
  for (std::uint64_t i = 0; i < std::min<std::uint64_t>(count, most_entries); ++i) {
    Elf64_Verdef def = {};
    Elf64_Verdaux aux = {};
    if (!bytes_.at(at, def)) return;
    if ((def.vd_flags & VER_FLG_BASE) == 0 && bytes_.at(at + def.vd_aux, aux))
      if (const auto name = text(aux.vda_name)) file_.given.emplace_back(*name);
    if (def.vd_next == 0) return;
    at += def.vd_next;
  }
}

void ElfReader::fatbin() {
  if (head_.e_shstrndx >= sections_.size()) return;
  const std::string_view names = section(sections_[head_.e_shstrndx]);
  for (const Elf64_Shdr& s : sections_) {
    const auto name = elf_text(names, s.sh_name);
    if (name != ".nv_fatbin" && name != "__nv_relfatbin") continue;
    if (!read_fatbin(section(s), file_.gpu)) file_.gpu_cut_off = true;
  }
  std::sort(file_.gpu.begin(), file_.gpu.end(),
            [](const GpuCode& a, const GpuCode& b) { return a.ptx != b.ptx ? b.ptx : a.arch < b.arch; });
}

void ElfReader::symbols(const std::function<bool(std::string_view, bool)>& take) {
  if (open()) return;
  for (const Elf64_Shdr& s : sections_) {
    if (s.sh_type != SHT_DYNSYM || s.sh_entsize != sizeof(Elf64_Sym) || s.sh_link >= sections_.size()) continue;
    const std::string_view names = section(sections_[s.sh_link]);
    const std::string_view table = section(s);
    const std::size_t count = std::min(table.size() / sizeof(Elf64_Sym), most_symbols);
    for (std::size_t i = 1; i < count; ++i) {
      Elf64_Sym symbol = {};
      std::memcpy(&symbol, table.data() + i * sizeof symbol, sizeof symbol);
      const auto name = elf_text(names, symbol.st_name);
      const bool hidden =
          ELF64_ST_BIND(symbol.st_info) == STB_LOCAL || ELF64_ST_VISIBILITY(symbol.st_other) == STV_HIDDEN;
      if (name && !name->empty() && !hidden && !take(*name, symbol.st_shndx != SHN_UNDEF)) return;
    }
    return;
  }
}

}  // namespace

Result<ElfFile> read_elf(std::string_view bytes) { return ElfReader(bytes).read(); }

void each_elf_symbol(std::string_view bytes, const std::function<bool(std::string_view, bool)>& take) {
  ElfReader(bytes).symbols(take);
}

}  // namespace vetset

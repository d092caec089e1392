// Writes small ELF libraries for tests: enough for a loader's eye, with no code in them.
#pragma once

#include <elf.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace vetset::made {

struct Library {
  std::string soname = {};
  std::vector<std::string> needed = {};
  std::string runpath = {}, rpath = {};
  std::vector<std::pair<std::string, std::vector<std::string>>> wanted = {};  // {"libc.so.6", {"GLIBC_2.28"}}
  std::vector<std::string> given = {};                                        // {"GLIBC_2.36"}
  std::vector<std::string> exports = {}, imports = {};
  bool executable_stack = false;
  unsigned isa_level = 0;
  std::string fatbin = {};  // of a section .nv_fatbin
  std::uint16_t machine = EM_X86_64;
};

template <class T>
std::string bytes_of(const T& value) {
  return std::string(reinterpret_cast<const char*>(&value), sizeof value);
}
inline void pad(std::string& text, std::size_t to = 8) {
  while (text.size() % to != 0) text += '\0';
}

/// A fat binary: containers one after the other, each with entries {arch, PTX}.
inline std::string fatbin(const std::vector<std::vector<std::pair<std::uint32_t, bool>>>& containers) {
  std::string all;
  for (const auto& entries : containers) {
    std::string body;
    for (const auto& [arch, ptx] : entries) {
      std::string entry(64, '\0');
      const std::uint16_t kind = ptx ? 1 : 2;
      const std::uint32_t head = 64;
      const std::uint64_t size = 24;
      std::memcpy(entry.data(), &kind, 2);
      std::memcpy(entry.data() + 4, &head, 4);
      std::memcpy(entry.data() + 8, &size, 8);
      std::memcpy(entry.data() + 28, &arch, 4);
      body += entry + std::string(24, 'k');
    }
    std::string head(16, '\0');
    const std::uint32_t mark = 0xBA55ED50U;
    const std::uint16_t version = 1, head_size = 16;
    const std::uint64_t size = body.size();
    std::memcpy(head.data(), &mark, 4);
    std::memcpy(head.data() + 4, &version, 2);
    std::memcpy(head.data() + 6, &head_size, 2);
    std::memcpy(head.data() + 8, &size, 8);
    all += head + body;
    pad(all);
  }
  return all;
}

/// The library's bytes. One loaded segment holds the whole file, so that addresses are offsets.
inline std::string elf(const Library& made) {
  std::string strings(1, '\0');
  const auto text = [&](const std::string& one) {
    const std::size_t at = strings.size();
    strings += one + '\0';
    return at;
  };
  std::vector<std::pair<std::int64_t, std::uint64_t>> dynamic;
  for (const std::string& one : made.needed) dynamic.emplace_back(DT_NEEDED, text(one));
  if (!made.soname.empty()) dynamic.emplace_back(DT_SONAME, text(made.soname));
  if (!made.runpath.empty()) dynamic.emplace_back(DT_RUNPATH, text(made.runpath));
  if (!made.rpath.empty()) dynamic.emplace_back(DT_RPATH, text(made.rpath));

  std::string wanted, given, symbols(sizeof(Elf64_Sym), '\0');
  for (std::size_t i = 0; i < made.wanted.size(); ++i) {
    Elf64_Verneed need = {};
    need.vn_version = 1;
    need.vn_cnt = static_cast<Elf64_Half>(made.wanted[i].second.size());
    need.vn_file = static_cast<Elf64_Word>(text(made.wanted[i].first));
    need.vn_aux = sizeof need;
    const std::size_t whole = sizeof need + need.vn_cnt * sizeof(Elf64_Vernaux);
    need.vn_next = i + 1 < made.wanted.size() ? static_cast<Elf64_Word>(whole) : 0;
    wanted += bytes_of(need);
    for (std::size_t k = 0; k < made.wanted[i].second.size(); ++k) {
      Elf64_Vernaux aux = {};
      aux.vna_name = static_cast<Elf64_Word>(text(made.wanted[i].second[k]));
      aux.vna_next = k + 1 < made.wanted[i].second.size() ? sizeof aux : 0;
      wanted += bytes_of(aux);
    }
  }
  for (std::size_t i = 0; i < made.given.size(); ++i) {
    Elf64_Verdef def = {};
    def.vd_version = 1;
    def.vd_cnt = 1;
    def.vd_aux = sizeof def;
    def.vd_next = i + 1 < made.given.size() ? static_cast<Elf64_Word>(sizeof def + sizeof(Elf64_Verdaux)) : 0;
    Elf64_Verdaux aux = {};
    aux.vda_name = static_cast<Elf64_Word>(text(made.given[i]));
    given += bytes_of(def) + bytes_of(aux);
  }
  const auto add_symbol = [&](const std::string& name, bool defined) {
    Elf64_Sym s = {};
    s.st_name = static_cast<Elf64_Word>(text(name));
    s.st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC);
    s.st_shndx = defined ? 1 : SHN_UNDEF;
    symbols += bytes_of(s);
  };
  for (const std::string& name : made.exports) add_symbol(name, true);
  for (const std::string& name : made.imports) add_symbol(name, false);

  std::string note;
  if (made.isa_level > 0) {
    const Elf64_Nhdr head{4, 16, NT_GNU_PROPERTY_TYPE_0};
    const std::uint32_t property[4] = {0xc0008002U, 4, (1U << made.isa_level) - 1U, 0};
    note = bytes_of(head) + std::string("GNU\0", 4) + bytes_of(property);
  }

  constexpr std::size_t segments = 4;
  std::string out(sizeof(Elf64_Ehdr) + segments * sizeof(Elf64_Phdr), '\0');
  const auto place = [&](const std::string& part) {
    pad(out);
    const std::size_t at = out.size();
    out += part;
    return at;
  };
  const std::size_t at_strings = place(strings), at_wanted = place(wanted), at_given = place(given),
                    at_symbols = place(symbols);
  const std::size_t at_note = place(note), at_fatbin = place(made.fatbin);
  dynamic.emplace_back(DT_STRTAB, at_strings);
  dynamic.emplace_back(DT_STRSZ, strings.size());
  if (!wanted.empty()) {
    dynamic.emplace_back(DT_VERNEED, at_wanted);
    dynamic.emplace_back(DT_VERNEEDNUM, made.wanted.size());
  }
  if (!given.empty()) {
    dynamic.emplace_back(DT_VERDEF, at_given);
    dynamic.emplace_back(DT_VERDEFNUM, made.given.size());
  }
  dynamic.emplace_back(DT_NULL, 0);
  std::string entries;
  for (const auto& [tag, value] : dynamic) {
    Elf64_Dyn d = {};
    d.d_tag = tag;
    d.d_un.d_val = value;
    entries += bytes_of(d);
  }
  const std::size_t at_dynamic = place(entries);

  std::string names(1, '\0');
  std::string sections(sizeof(Elf64_Shdr), '\0');
  std::uint16_t section_count = 1;
  const auto section = [&](const std::string& name, std::uint32_t type, std::size_t at, std::size_t size,
                           std::uint32_t linked, std::uint64_t entry) {
    Elf64_Shdr s = {};
    s.sh_name = static_cast<Elf64_Word>(names.size());
    names += name + '\0';
    s.sh_type = type;
    s.sh_offset = at;
    s.sh_size = size;
    s.sh_link = linked;
    s.sh_entsize = entry;
    sections += bytes_of(s);
    ++section_count;
  };
  section(".dynsym", SHT_DYNSYM, at_symbols, symbols.size(), 2, sizeof(Elf64_Sym));
  section(".dynstr", SHT_STRTAB, at_strings, strings.size(), 0, 0);
  if (!made.fatbin.empty()) section(".nv_fatbin", SHT_PROGBITS, at_fatbin, made.fatbin.size(), 0, 0);
  const std::size_t at_names = place(names + ".shstrtab" + '\0');
  section(".shstrtab", SHT_STRTAB, at_names, names.size() + 10, 0, 0);
  const std::size_t at_sections = place(sections);

  Elf64_Ehdr head = {};
  std::memcpy(head.e_ident, ELFMAG, SELFMAG);
  head.e_ident[EI_CLASS] = ELFCLASS64;
  head.e_ident[EI_DATA] = ELFDATA2LSB;
  head.e_ident[EI_VERSION] = EV_CURRENT;
  head.e_type = ET_DYN;
  head.e_machine = made.machine;
  head.e_version = EV_CURRENT;
  head.e_phoff = sizeof head;
  head.e_shoff = at_sections;
  head.e_ehsize = sizeof head;
  head.e_phentsize = sizeof(Elf64_Phdr);
  head.e_phnum = segments;
  head.e_shentsize = sizeof(Elf64_Shdr);
  head.e_shnum = section_count;
  head.e_shstrndx = static_cast<Elf64_Half>(section_count - 1);
  std::memcpy(out.data(), &head, sizeof head);
  const auto segment = [&](std::size_t i, std::uint32_t type, std::uint32_t flags, std::size_t at, std::size_t size) {
    Elf64_Phdr p = {};
    p.p_type = type;
    p.p_flags = flags;
    p.p_offset = p.p_vaddr = p.p_paddr = at;
    p.p_filesz = p.p_memsz = size;
    p.p_align = 8;
    std::memcpy(out.data() + sizeof(Elf64_Ehdr) + i * sizeof p, &p, sizeof p);
  };
  segment(0, PT_LOAD, PF_R, 0, out.size());
  segment(1, PT_DYNAMIC, PF_R, at_dynamic, entries.size());
  segment(2, PT_GNU_STACK, made.executable_stack ? PF_R | PF_W | PF_X : PF_R | PF_W, 0, 0);
  segment(3, note.empty() ? PT_NULL : PT_GNU_PROPERTY, PF_R, at_note, note.size());
  return out;
}

/// ld.so.cache as glibc 2.32 and newer write it: {name, path} for x86-64.
inline std::string ld_cache(const std::vector<std::pair<std::string, std::string>>& libraries) {
  std::string strings, entries;
  const std::size_t begin = 48 + libraries.size() * 24;
  for (const auto& [name, path] : libraries) {
    const std::uint32_t words[6] = {0x0303U,
                                    static_cast<std::uint32_t>(begin + strings.size()),
                                    static_cast<std::uint32_t>(begin + strings.size() + name.size() + 1),
                                    0,
                                    0,
                                    0};
    entries += bytes_of(words);
    strings += name + '\0' + path + '\0';
  }
  std::string head = "glibc-ld.so.cache1.1";
  const std::uint32_t words[7] = {
      static_cast<std::uint32_t>(libraries.size()), static_cast<std::uint32_t>(strings.size()), 0, 0, 0, 0, 0};
  return head + bytes_of(words) + entries + strings;
}

}  // namespace vetset::made

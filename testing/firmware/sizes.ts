import { execFileSync } from 'node:child_process';

/** Bytes, by where the ESP8266's core puts them. */
export interface Sizes {
  /** Code, strings in PROGMEM, tables of virtual functions. */
  readonly flash: number;
  /** Variables with a first value, and constants that are not in PROGMEM. */
  readonly initialized: number;
  /** Variables that begin as 0. */
  readonly zeroed: number;
}

/*
 * The linker script of the core (tools/sdk/ld/eagle.app.v6.common.ld.h) puts code, literals and virtual tables into flash,
 * and everything else that is read-only into RAM, unless it is in PROGMEM.
 */
const FLASH = /^\.(text|literal|irom|rodata\._ZT[VIS]|ctors|init_array)/;
const INITIALIZED = /^\.(data|rodata)/;
const ZEROED = /^\.bss/;

/** A section of a file of the lx106. */
export interface Section {
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /** 0 in an object file. */
  readonly address: number;
}

export function sectionsOf(file: string): Section[] {
  const listing = execFileSync('xtensa-lx106-elf-size', ['-A', '-d', file], { encoding: 'utf8' });
  return [...listing.matchAll(/^(\.\S+) +(\d+) +(\d+)$/gm)].map(([, name = '', size, address]) => ({
    name,
    size: Number(size),
    address: Number(address),
  }));
}

/** What an object file of the lx106 takes. */
export function sizesOf(object: string): Sizes {
  const sections = sectionsOf(object);
  const sum = (kind: (name: string) => boolean): number =>
    sections.reduce((total, { name, size }) => total + (kind(name) ? size : 0), 0);
  return {
    flash: sum((name) => FLASH.test(name)),
    initialized: sum((name) => INITIALIZED.test(name) && !FLASH.test(name)),
    zeroed: sum((name) => ZEROED.test(name)),
  };
}

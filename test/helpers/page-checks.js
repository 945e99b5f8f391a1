/**
 * Checks that run inside of a page, to which `checkPage` of browser.ts hands them as text. They return what is wrong, in
 * words: an empty list is a pass. The rules are those of WCAG 2.2 that a page without scripts can break.
 */
globalThis.pageChecks = {
  /** 1.1.1, 1.3.1, 2.4.6, 4.1.2: names of pictures and regions, order of headings, heads of tables, unique ids. */
  structure() {
    const faults = [];
    const all = (selector) => [...document.querySelectorAll(selector)];
    for (const picture of all('svg:not(svg svg), img')) {
      const isNamed = picture.getAttribute('role') === 'img' && (picture.getAttribute('aria-label') ?? '').length > 3;
      if (!isNamed && picture.getAttribute('aria-hidden') !== 'true')
        faults.push(`picture without a name: ${picture.outerHTML.slice(0, 80)}`);
    }
    let level = 0;
    for (const heading of all('h1, h2, h3, h4, h5, h6')) {
      const own = Number(heading.tagName.slice(1));
      if (own > level + 1) faults.push(`h${own} follows h${level}: ${heading.textContent}`);
      if ((heading.textContent ?? '').trim() === '') faults.push(`an empty h${own}`);
      level = own;
    }
    if (all('h1').length !== 1) faults.push(`${all('h1').length} h1`);
    if (all('main').length !== 1) faults.push(`${all('main').length} main`);
    if (!document.documentElement.lang) faults.push('no language');
    if (!document.title) faults.push('no title');
    for (const table of all('table')) {
      for (const cell of table.querySelectorAll('th'))
        if (!cell.getAttribute('scope')) faults.push('a th without scope');
      if (table.querySelector('thead th') === null) faults.push('a table without heads');
    }
    for (const region of all('[role=region]'))
      if (!region.getAttribute('aria-label')) faults.push('a region without a name');
    for (const labelled of all('[aria-labelledby]')) {
      if (document.getElementById(labelled.getAttribute('aria-labelledby') ?? '') === null)
        faults.push('a label that is not there');
    }
    for (const link of all('a[href^="#"]')) {
      if (document.getElementById((link.getAttribute('href') ?? '').slice(1)) === null)
        faults.push(`a link to nothing: ${link.textContent}`);
    }
    const ids = all('[id]').map(({ id }) => id);
    for (const id of new Set(ids)) if (ids.filter((each) => each === id).length > 1) faults.push(`two of id ${id}`);
    return faults;
  },

  /** 1.4.3: 4.5:1 for text, 3:1 for large text, against what lies behind it; and no text smaller than 12 pixels. */
  text() {
    const faults = new Set();
    const parse = (text) => {
      const [r = 0, g = 0, b = 0, a = 1] = (text.match(/[\d.]+/g) ?? []).map(Number);
      return [r, g, b, text === 'none' ? 0 : a];
    };
    const luminance = ([r, g, b]) => {
      const [x = 0, y = 0, z = 0] = [r, g, b].map((each) => {
        const share = each / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * x + 0.7152 * y + 0.0722 * z;
    };
    /** Of SVG text the shape before it in its group that holds it, of other text the nearest filled box. */
    const behind = (element) => {
      for (let at = element; at !== null; at = at.parentElement) {
        if (at instanceof SVGElement) {
          for (let before = at.previousElementSibling; before !== null; before = before.previousElementSibling) {
            const shape = before.getBoundingClientRect();
            const own = element.getBoundingClientRect();
            const holds =
              shape.left <= own.left &&
              shape.right >= own.left + 4 &&
              shape.top <= own.top + 4 &&
              shape.bottom >= own.bottom - 4;
            if (before.tagName === 'rect' && holds) return parse(getComputedStyle(before).fill);
          }
        }
        const color = parse(getComputedStyle(at).backgroundColor);
        if (color[3] > 0.99) return color;
      }
      return [255, 255, 255, 1];
    };
    for (const element of document.querySelectorAll('body *')) {
      const own = [...element.childNodes].filter(
        (node) => node.nodeType === 3 && (node.textContent ?? '').trim() !== '',
      );
      if (own.length === 0 || element.closest('details:not([open]) > :not(summary)') !== null) continue;
      const style = getComputedStyle(element);
      const size = Number.parseFloat(style.fontSize);
      const isSvg = element instanceof SVGElement;
      const [front, back] = [luminance(parse(isSvg ? style.fill : style.color)), luminance(behind(element))];
      const ratio = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
      const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
      const what = `<${element.tagName} class="${element.getAttribute('class') ?? ''}"> ${(element.textContent ?? '').slice(0, 30)}`;
      if (ratio < (isLarge ? 3 : 4.5)) faults.add(`contrast ${ratio.toFixed(2)}: ${what}`);
      if (size < 12) faults.add(`${size} px: ${what}`);
    }
    return [...faults];
  },

  /** 1.4.10 and plain sight: nothing wider than the page but what scrolls by itself, no text of a picture cut or overlapped. */
  layout() {
    const faults = [];
    if (document.documentElement.scrollWidth > window.innerWidth)
      faults.push(`the page is ${document.documentElement.scrollWidth} wide`);
    for (const picture of document.querySelectorAll('svg[role=img]')) {
      const frame = picture.getBoundingClientRect();
      const texts = [...picture.querySelectorAll('text')].map((text) => ({
        text: text.textContent ?? '',
        box: text.getBoundingClientRect(),
      }));
      for (const { text, box } of texts) {
        if (box.left < frame.left - 1 || box.right > frame.right + 1) faults.push(`sticks out: ${text}`);
      }
      for (const [index, one] of texts.entries()) {
        for (const other of texts.slice(index + 1)) {
          const wide = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
          const high = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
          if (wide > 1 && high > 4) faults.push(`overlap: ${one.text} / ${other.text}`);
        }
      }
    }
    for (const text of document.querySelectorAll('.graph .layer text')) {
      const body = text.parentElement?.querySelector('.body')?.getBoundingClientRect();
      if (body !== undefined && text.getBoundingClientRect().right > body.right)
        faults.push(`leaves its layer: ${text.textContent}`);
    }
    return faults;
  },
};

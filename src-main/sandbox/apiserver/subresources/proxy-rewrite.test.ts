import { describe, expect, it } from 'vitest';
import { rewrittenLink, rewrittenPage } from './proxy-rewrite';

const prefix = '/api/v1/namespaces/default/services/web/proxy';
const scope = { prefix, hosts: ['10.244.0.4:8080', 'localhost:8001'] };

describe('a link behind the proxy', () => {
  it.each([
    ['/', `${prefix}/`],
    ['/login?next=/a#top', `${prefix}/login?next=/a#top`],
    ['http://10.244.0.4:8080/a/', `${prefix}/a/`],
    ['//10.244.0.4:8080/a', `${prefix}/a`],
    ['http://localhost:8001/a', `http://localhost:8001${prefix}/a`],
    [`${prefix}/a`, `${prefix}/a`],
    ['/a//b', `${prefix}/a/b`],
    ['a/b', 'a/b'],
    ['../a', '../a'],
    ['#top', '#top'],
    ['https://example.com/a', 'https://example.com/a'],
    ['mailto:/someone', 'mailto:/someone'],
    ['javascript:void(0)', 'javascript:void(0)'],
    ['', ''],
  ])('%s becomes %s', (link, rewritten) => {
    expect(rewrittenLink(link, scope)).toBe(rewritten);
  });
});

describe('a page behind the proxy', () => {
  it.each([
    ['<a href="/x">/x</a>', `<a href="${prefix}/x">/x</a>`],
    ["<IMG alt='/x' SRC='/x.png'>", `<IMG alt='/x' SRC='${prefix}/x.png'>`],
    ['<form action=/go method=post>', `<form action=${prefix}/go method=post>`],
    ['<script src="/app.js">if (a < b) { "<a href=\'/x\'>" }</script>', undefined],
    ['<!-- <a href="/x"> --><div href="/x">', '<!-- <a href="/x"> --><div href="/x">'],
    ['<link rel=icon href = "/i.png"/>', `<link rel=icon href = "${prefix}/i.png"/>`],
  ])('%s', (page, rewritten) => {
    if (rewritten !== undefined) expect(rewrittenPage(page, scope)).toBe(rewritten);
    else expect(rewrittenPage(page, scope)).toBe(page.replace('/app.js', `${prefix}/app.js`));
  });
});

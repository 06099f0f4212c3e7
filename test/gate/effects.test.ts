import { describe, expect, it, test } from 'vitest';
import { DEED_WORDS, type Deed } from '../../src/gate/effects/deed-words.ts';
import { deedIn, deedOfIcon, disguisedWordIn, isDismissal, isMessageField } from '../../src/gate/effects/deeds.ts';
import { deedOf, effectOf } from '../../src/gate/effects/effects.ts';
import { effect } from '../../src/gate/rules/effect.ts';
import type { Action, Mark } from '../../src/types.ts';
import {
  click,
  inOrder,
  kindOf,
  limits,
  mark,
  move,
  observation,
  reasonOf,
  SHOP,
  type,
  ui,
  uiLimits,
} from './given.ts';

const seeing = (over: Partial<Mark>, uiOver = {}) => observation({ marks: [mark(over)], ui: ui(uiOver) });
const classOf = (over: Partial<Mark>, action: Action = click()) => effectOf(action, seeing(over)).class;
const button = (name: string, clues: Mark['clues'] = {}) => classOf({ role: 'button', name, clues });

/** One face for each deed, as buttons in that language have it. */
const FACES: Readonly<Record<string, Readonly<Partial<Record<Deed, string>>>>> = {
  en: {
    pay: 'Buy now',
    send: 'Send',
    delete: 'Delete account',
    publish: 'Publish',
    grant: 'Authorize app',
    'log-out': 'Log out',
    cancel: 'Unsubscribe',
    agree: 'Sign now',
  },
  de: {
    pay: 'Jetzt kaufen',
    send: 'Abschicken',
    delete: 'Löschen',
    publish: 'Veröffentlichen',
    grant: 'Zugriff gewähren',
    'log-out': 'Abmelden',
    cancel: 'Kündigen',
    agree: 'Unterschreiben',
  },
  fr: {
    pay: 'Payer',
    send: 'Envoyer',
    delete: 'Supprimer',
    publish: 'Publier',
    grant: 'Autoriser',
    'log-out': 'Se déconnecter',
    cancel: 'Résilier',
    agree: 'Signer',
  },
  es: {
    pay: 'Comprar',
    send: 'Enviar',
    delete: 'Eliminar',
    publish: 'Publicar',
    grant: 'Autorizar',
    'log-out': 'Cerrar sesión',
    cancel: 'Darse de baja',
    agree: 'Firmar',
  },
  it: {
    pay: 'Acquista',
    send: 'Invia',
    delete: 'Elimina',
    publish: 'Pubblica',
    grant: 'Autorizza',
    'log-out': 'Esci',
    cancel: 'Disdici',
    agree: 'Firma',
  },
  pt: {
    pay: 'Finalizar compra',
    send: 'Enviar',
    delete: 'Excluir',
    publish: 'Publicar',
    grant: 'Autorizar',
    'log-out': 'Sair da conta',
    cancel: 'Cancelar assinatura',
    agree: 'Assinar contrato',
  },
  nl: {
    pay: 'Bestelling plaatsen',
    send: 'Versturen',
    delete: 'Verwijderen',
    publish: 'Publiceren',
    grant: 'Machtigen',
    'log-out': 'Uitloggen',
    cancel: 'Opzeggen',
    agree: 'Ondertekenen',
  },
  sv: {
    pay: 'Köp',
    send: 'Skicka',
    delete: 'Radera',
    publish: 'Publicera',
    grant: 'Bevilja',
    'log-out': 'Logga ut',
    cancel: 'Säg upp',
    agree: 'Skriv under',
  },
  da: {
    pay: 'Betal',
    send: 'Afsend',
    delete: 'Slet',
    publish: 'Offentliggør',
    grant: 'Giv adgang',
    'log-out': 'Log ud',
    cancel: 'Opsig',
    agree: 'Underskriv',
  },
  no: {
    pay: 'Kjøp',
    send: 'Send nå',
    delete: 'Slett',
    publish: 'Publiser',
    grant: 'Gi tilgang',
    'log-out': 'Logg ut',
    cancel: 'Si opp',
    agree: 'Aksepter tilbud',
  },
  fi: {
    pay: 'Osta',
    send: 'Lähetä',
    delete: 'Poista',
    publish: 'Julkaise',
    grant: 'Myönnä',
    'log-out': 'Kirjaudu ulos',
    cancel: 'Peruuta tilaus',
    agree: 'Allekirjoita',
  },
  pl: {
    pay: 'Kupuję i płacę, zamów',
    send: 'Wyślij',
    delete: 'Usuń',
    publish: 'Opublikuj',
    grant: 'Zezwól',
    'log-out': 'Wyloguj',
    cancel: 'Anuluj zamówienie',
    agree: 'Podpisz',
  },
  cs: {
    pay: 'Zaplatit',
    send: 'Odeslat',
    delete: 'Smazat',
    publish: 'Zveřejnit',
    grant: 'Schválit',
    'log-out': 'Odhlásit',
    cancel: 'Zrušit předplatné',
    agree: 'Podepsat',
  },
  hu: {
    pay: 'Megrendelem',
    send: 'Elküld',
    delete: 'Törlés',
    publish: 'Közzététel',
    grant: 'Engedélyezés',
    'log-out': 'Kijelentkezés',
    cancel: 'Leiratkozás',
    agree: 'Aláírás',
  },
  ro: {
    pay: 'Cumpără',
    send: 'Trimite',
    delete: 'Șterge',
    publish: 'Publică',
    grant: 'Autorizează',
    'log-out': 'Deconectare',
    cancel: 'Dezabonare',
    agree: 'Semnează',
  },
  tr: {
    pay: 'SATIN AL',
    send: 'Gönder',
    delete: 'Sil',
    publish: 'Yayınla',
    grant: 'İzin ver',
    'log-out': 'Çıkış yap',
    cancel: 'Siparişi iptal et',
    agree: 'İmzala',
  },
  el: {
    pay: 'Αγορά',
    send: 'Αποστολή',
    delete: 'Διαγραφή',
    publish: 'Δημοσίευση',
    grant: 'Έγκριση',
    'log-out': 'Αποσύνδεση',
    cancel: 'Ακύρωση συνδρομής',
    agree: 'Υπογραφή',
  },
  ru: {
    pay: 'Оплатить',
    send: 'Отправить',
    delete: 'Удалить',
    publish: 'Опубликовать',
    grant: 'Разрешить',
    'log-out': 'Выйти',
    cancel: 'Отписаться',
    agree: 'Подписать договор',
  },
  uk: {
    pay: 'Купити',
    send: 'Надіслати',
    delete: 'Видалити',
    publish: 'Опублікувати',
    grant: 'Дозволити',
    'log-out': 'Вийти',
    cancel: 'Відписатися',
    agree: 'Підписати договір',
  },
  he: {
    pay: 'קנה עכשיו',
    send: 'שלח',
    delete: 'מחק',
    publish: 'פרסם',
    grant: 'הרשה',
    'log-out': 'התנתק',
    cancel: 'בטל מנוי',
    agree: 'חתום',
  },
  ar: {
    pay: 'شراء',
    send: 'إرسال',
    delete: 'حذف الحساب',
    publish: 'نشر',
    grant: 'السماح',
    'log-out': 'تسجيل الخروج',
    cancel: 'إلغاء الاشتراك',
    agree: 'توقيع العقد',
  },
  hi: {
    pay: 'अभी खरीदें',
    send: 'भेजें',
    delete: 'हटाएं',
    publish: 'प्रकाशित करें',
    grant: 'अनुमति दें',
    'log-out': 'लॉग आउट',
    cancel: 'सदस्यता रद्द करें',
    agree: 'हस्ताक्षर करें',
  },
  ja: {
    pay: '購入する',
    send: '送信',
    delete: 'アカウントを削除',
    publish: '投稿する',
    grant: '許可する',
    'log-out': 'ログアウト',
    cancel: '解約する',
    agree: '契約する',
  },
  zh: {
    pay: '立即支付',
    send: '发送',
    delete: '删除账户',
    publish: '发布',
    grant: '授权',
    'log-out': '退出登录',
    cancel: '取消订阅',
    agree: '签署',
  },
  ko: {
    pay: '결제하기',
    send: '보내기',
    delete: '계정 삭제',
    publish: '게시하기',
    grant: '허용',
    'log-out': '로그아웃',
    cancel: '구독 취소',
    agree: '서명하기',
  },
  vi: {
    pay: 'Mua ngay',
    send: 'Gửi',
    delete: 'Xóa',
    publish: 'Đăng bài',
    grant: 'Cho phép',
    'log-out': 'Đăng xuất',
    cancel: 'Hủy đơn hàng',
    agree: 'Ký tên',
  },
  id: {
    pay: 'Bayar',
    send: 'Kirim',
    delete: 'Hapus',
    publish: 'Terbitkan',
    grant: 'Izinkan',
    'log-out': 'Log keluar',
    cancel: 'Berhenti berlangganan',
    agree: 'Tanda tangani',
  },
  th: {
    pay: 'ชำระเงิน',
    send: 'ส่ง',
    delete: 'ลบบัญชี',
    publish: 'เผยแพร่',
    grant: 'อนุญาต',
    'log-out': 'ออกจากระบบ',
    cancel: 'ยกเลิกการสมัคร',
    agree: 'ลงนาม',
  },
};

describe('the words of buttons', () => {
  it('are known in 28 languages, for each deed', () => {
    for (const [deed, byLanguage] of Object.entries(DEED_WORDS)) {
      expect(Object.keys(byLanguage), deed).toEqual(Object.keys(FACES));
      for (const language of Object.keys(byLanguage)) {
        const face = FACES[language]![deed as Deed]!;
        expect([face, deedIn(face) !== undefined]).toEqual([face, true]);
        // Of the language alone: no other one's word may stand in for it.
        const isOwn = byLanguage[language]!.split(',').some((entry) => deedIn(entry)?.deed !== undefined);
        expect([language, deed, isOwn]).toEqual([language, deed, true]);
      }
    }
  });

  it.each(Object.entries(FACES))('say in %s what cannot be taken back, in any case', (_, faces) => {
    for (const face of Object.values(faces)) {
      expect([face, button(face)]).toEqual([face, 'irreversible']);
      expect([face, button(face.toUpperCase())]).toEqual([face, 'irreversible']);
    }
  });

  it.each([
    ...[
      'Save',
      'Add to cart',
      'Log in',
      'Next',
      'Continue',
      'Search',
      'Order history',
      'Sent',
      'Deleted items',
      'Payment method',
      'Remove filter',
    ],
    ...[
      'Weiter',
      'Speichern',
      'Suchen',
      'In den Warenkorb',
      'Anmelden',
      'Mehr anzeigen',
      'Rechercher',
      'Ajouter au panier',
      'Suivant',
      'Buscar',
    ],
    ...[
      'Añadir al carrito',
      'Siguiente',
      'Cerca',
      'Avanti',
      'Zoeken',
      'Далее',
      'Сохранить',
      '検索',
      '次へ',
      '搜索',
      '下一步',
      '검색',
      'Szukaj',
      'Ara',
    ],
  ])('that are ordinary are not taken for more: %s', (face) => expect([face, deedIn(face)]).toEqual([face, undefined]));

  it.each([
    ['d e l e t e', 'delete'],
    ['D.E.L.E.T.E', 'delete'],
    ['De\u200blete', 'delete'],
    ['ＤＥＬＥＴＥ', 'delete'],
    ['🗑️', 'delete'],
    ['💳', 'pay'],
  ])('are read through what hides them: %s', (face, deed) => expect(deedIn(face)?.deed).toBe(deed));

  it('that mix letters of two scripts are never harmless', () => {
    expect(disguisedWordIn('Dеlete')).toBe('Dеlete');
    expect(disguisedWordIn('Delete Удалить')).toBeUndefined();
    expect(button('Cоntinue')).toBe('irreversible');
  });

  it('whole words count, not parts of them', () => {
    expect(deedIn('Sender')).toBeUndefined();
    expect(deedIn('paypal')).toBeUndefined();
  });
});

describe('a click', () => {
  it('on a button is read by its name, by what stands on it, and by its icon', () => {
    expect(button('Details', { text: 'Delete' })).toBe('irreversible');
    expect(button('', { icon: 'btn fa-trash-alt' })).toBe('irreversible');
    expect(button('Entry 3', { icon: 'IconPaperPlane' })).toBe('irreversible');
    expect(button('Entry 3', { icon: 'menu-toggle' })).toBe('write');
    expect(deedOfIcon('binary-view')).toBeUndefined();
  });

  it('on a button that is called nothing is taken to read, so that whatever it sends is held back', () => {
    expect(button('')).toBe('read');
    expect(effectOf(click({ xPx: 700, yPx: 500 }), seeing({})).class).toBe('read');
  });

  it('on any other button writes', () => expect(button('Weiter')).toBe('write'));

  it('on a button of a dialog is read by what the dialog asks, unless it dismisses it', () => {
    const about = 'Delete account? This cannot be undone.';
    expect(button('Yes', { about })).toBe('irreversible');
    expect(button('Cancel', { about })).toBe('read');
    expect(button('Cancel', { about, text: 'Yes' })).toBe('irreversible');
    expect(button('Cancel order', {})).toBe('irreversible');
    expect(button('', { about })).toBe('irreversible');
    expect([isDismissal('×'), isDismissal(''), isDismissal('Abbrechen')]).toEqual([true, false, true]);
  });

  it('on a link opens a page; a short name or the address may say more', () => {
    const link = (name: string, href: string) => classOf({ role: 'link', name, clues: { href } });
    expect(link('How to delete a file safely', `${SHOP}/help`)).toBe('read');
    expect(link('Delete', `${SHOP}/x?id=3`)).toBe('irreversible');
    expect(link('Three', `${SHOP}/account/delete`)).toBe('irreversible');
    expect(link('Bye', `${SHOP}/logout`)).toBe('irreversible');
    expect(link('Guide', `${SHOP}/how-to-delete-your-account`)).toBe('read');
    expect(link('Chapter 2', `${SHOP}/text#2`)).toBe('read');
  });

  it('on a link that leads nowhere is a click on a button', () => {
    for (const href of ['javascript:void 0', `${SHOP}/login#`, 'mailto:a@b.example'])
      expect(classOf({ role: 'link', name: 'How to delete a file safely', clues: { href } })).toBe('irreversible');
    expect(classOf({ role: 'link', name: 'More', clues: { href: `${SHOP}/login#` } })).toBe('write');
  });

  it('that sends a form is read by its method, its address and what it takes', () => {
    const form = (over: object) => ({ form: { method: 'post', url: `${SHOP}/go`, isSubmitter: true, ...over } });
    expect(button('Go', form({}))).toBe('write');
    expect(button('Go', form({ method: 'get' }))).toBe('read');
    expect(button('Go', form({ url: `${SHOP}/orders/delete` }))).toBe('irreversible');
    expect(button('Go', form({ takes: ['card'] }))).toBe('irreversible');
    expect(button('Go', form({ takes: ['password'] }))).toBe('write');
    expect(button('Go', form({ isSubmitter: false, takes: ['card'], url: `${SHOP}/delete` }))).toBe('write');
  });

  it.each(['textbox', 'searchbox', 'combobox', 'tab'])('into a %s opens it alone, whatever it is called', (role) =>
    expect(classOf({ role, name: 'Delete' })).toBe('read'),
  );

  it.each(['checkbox', 'radio', 'option', 'canvas'])('on a %s sets it', (role) =>
    expect(classOf({ role, name: 'Pay by card' })).toBe('write'),
  );

  it('on a switch or an entry of a menu is read by its name', () => {
    expect(classOf({ role: 'switch', name: 'Make public' })).toBe('irreversible');
    expect(classOf({ role: 'menuitem', name: 'Abmelden' })).toBe('irreversible');
    expect(classOf({ role: 'menuitem', name: 'Rename' })).toBe('write');
  });

  it('that unfolds something reads', () =>
    expect(classOf({ role: 'button', name: 'Filters', state: { expanded: false } })).toBe('read'));

  it('of the right button opens a menu', () =>
    expect(classOf({ role: 'button', name: 'Delete' }, { ...click(), button: 'right' })).toBe('read'));
});

describe('other actions', () => {
  const focused = (over: Partial<Mark> = {}): Partial<Mark> => ({ role: 'textbox', state: { focused: true }, ...over });
  const keys = (pressed: string, over: Partial<Mark> = focused()) => classOf(over, { kind: 'ui-key', keys: pressed });
  const submit = (over: Partial<Mark>, target: { markId: number } | undefined = { markId: 1 }) =>
    classOf(over, { ...type('x', target), submit: true });

  it('looking around reads', () => {
    const looking: readonly Action[] = [
      { kind: 'hold' },
      { kind: 'hand-over', reason: '' },
      { kind: 'done', outcome: 'success' },
      { kind: 'ui-wait', durationMs: 1 },
      { kind: 'ui-hover', target: { markId: 1 } },
      { kind: 'ui-scroll', dxPx: 0, dyPx: 1 },
      { kind: 'ui-back' },
      { kind: 'ui-tab', op: 'open' },
      { kind: 'ui-navigate', url: `${SHOP}/cart` },
    ];
    for (const action of looking)
      expect([action, classOf({ role: 'button', name: 'Delete' }, action)]).toEqual([action, 'read']);
  });

  it('filling in, choosing, handing over and moving write', () => {
    const writing: readonly Action[] = [
      type('x', { markId: 1 }),
      { kind: 'ui-select', target: { markId: 1 }, values: ['a'] },
      { kind: 'ui-upload', target: { markId: 1 }, paths: ['a'] },
      { kind: 'ui-drag', from: { markId: 1 }, to: { xPx: 700, yPx: 500 } },
      { kind: 'ui-check', target: { markId: 1 }, checked: true },
      move(),
    ];
    for (const action of writing)
      expect([action, classOf({ role: 'textbox', name: 'Amount' }, action)]).toEqual([action, 'write']);
  });

  it('an address that names a deed is one', () => {
    expect(classOf({}, { kind: 'ui-navigate', url: `${SHOP}/logout` })).toBe('irreversible');
  });

  it('what is dropped on a bin is deleted, and sliding to pay pays', () => {
    const bin = observation({
      marks: [mark({ name: 'Note' }), mark({ id: 2, name: 'Papierkorb leeren', role: 'button' })],
    });
    expect(effectOf({ kind: 'ui-drag', from: { markId: 1 }, to: { markId: 2 } }, bin).class).toBe('irreversible');
    expect(effectOf({ kind: 'ui-drag', from: { markId: 2 }, to: { markId: 1 } }, bin).class).toBe('irreversible');
  });

  it('yes to a dialog counts by what it says, and no never', () => {
    const answer = (accept: boolean, dialog?: { kind: string; message: string }) =>
      effectOf({ kind: 'ui-dialog', accept }, seeing({}, dialog && { dialog })).class;
    expect(answer(true, { kind: 'confirm', message: 'Wirklich löschen?' })).toBe('irreversible');
    expect(answer(false, { kind: 'confirm', message: 'Wirklich löschen?' })).toBe('read');
    expect(answer(true, { kind: 'confirm', message: 'Continue?' })).toBe('write');
    expect(answer(true, { kind: 'alert', message: 'Deleted: delete' })).toBe('read');
    expect(answer(true)).toBe('write');
  });

  it('Enter in a field sends its form, and is read by the button that would send it', () => {
    const form = { method: 'post', url: `${SHOP}/go`, isSubmitter: false };
    expect(submit(focused({ clues: { form } }))).toBe('write');
    expect(submit(focused({ clues: { form: { ...form, submitter: 'Senden' } } }))).toBe('irreversible');
    expect(submit(focused({ clues: { form: { ...form, url: `${SHOP}/delete` } } }))).toBe('irreversible');
    expect(submit(focused({ clues: { form: { ...form, takes: ['card'] } } }))).toBe('irreversible');
    expect(submit(focused({ clues: { form, about: 'Delete account' } }))).toBe('irreversible');
    expect(submit(focused({ name: 'Write a message…' }))).toBe('irreversible');
    expect(effectOf({ ...type('x'), submit: true }, seeing(focused({ name: 'Nachricht' }))).class).toBe('irreversible');
    expect(keys('Enter', focused({ name: 'Message' }))).toBe('irreversible');
    expect(keys('Enter')).toBe('write');
    expect(keys(' ')).toBe('write');
    expect([isMessageField('E-mail'), isMessageField('メッセージを入力')]).toEqual([false, true]);
  });

  it('keys are read by what they do where the focus is', () => {
    for (const pressed of ['Tab', 'Escape', 'ArrowDown', 'Shift+Tab', 'PageUp', 'F5', 'Control+Home'])
      expect(keys(pressed)).toBe('read');
    for (const pressed of ['a', 'Control+s', 'Backspace', 'Delete']) expect(keys(pressed)).toBe('write');
    expect(keys('Control+Enter')).toBe('irreversible');
    expect(keys('Delete', {})).toBe('irreversible');
    expect(keys('Enter', focused({ role: 'button', name: 'Delete' }))).toBe('irreversible');
    expect(keys('Space', focused({ role: 'button', name: 'Delete' }))).toBe('irreversible');
    expect(keys('Enter', {})).toBe('write');
  });
});

describe('a deed after which a request was held back', () => {
  const given = { role: 'button', name: 'Weiter' };
  const held = (deed: string) => ({ held: [{ deed, method: 'POST', url: `${SHOP}/x` }] });

  it('is irreversible when it is proposed again, whatever number its mark has then', () => {
    const deed = deedOf(click(), seeing(given));
    expect(effectOf(click(), seeing(given, held(deed))).why).toContain(`POST ${SHOP}/x, which was held back`);
    expect(effectOf(click({ markId: 4 }), seeing({ ...given, id: 4 }, held(deed))).class).toBe('irreversible');
  });

  it('says nothing of another deed', () => {
    const deed = deedOf(click(), seeing(given));
    expect(effectOf(click(), seeing({ ...given, name: 'Zurück' }, held(deed))).class).toBe('read');
    expect(effectOf(click(), seeing({ ...given }, { ...held(deed), url: `${SHOP}/other` })).class).toBe('write');
    expect(effectOf({ kind: 'ui-key', keys: 'a' }, seeing(given, held(deed))).class).toBe('write');
  });

  it('is the same on a page whose address has other data in it, and another for another key or address', () => {
    expect(deedOf(click(), seeing(given, { url: `${SHOP}/a?b=1#c` }))).toBe(
      deedOf(click(), seeing(given, { url: `${SHOP}/a` })),
    );
    expect(deedOf({ kind: 'ui-key', keys: 'a' }, seeing({}))).not.toBe(
      deedOf({ kind: 'ui-key', keys: 'b' }, seeing({})),
    );
    expect(deedOf({ kind: 'ui-navigate', url: 'a' }, seeing({}))).not.toBe(
      deedOf({ kind: 'ui-navigate', url: 'b' }, seeing({})),
    );
  });
});

describe('rule effect', () => {
  const deleting = { observation: seeing({ role: 'button', name: 'Löschen' }) };

  it('asks before what cannot be taken back, and says why', () => {
    expect(kindOf(effect, click(), deleting)).toBe('ask');
    expect(reasonOf(effect, click(), deleting)).toBe(
      "this cannot be taken back: it says 'loschen': it deletes something",
    );
  });

  it('asks nothing of reading and writing', () => {
    for (const action of inOrder) expect([action, kindOf(effect, action)]).toEqual([action, 'allow']);
  });

  it('is switched off only where it is written out', () => {
    expect(kindOf(effect, click(), { ...deleting, limits: limits({ ui: uiLimits({ irreversible: 'allow' }) }) })).toBe(
      'allow',
    );
    expect(kindOf(effect, click(), { ...deleting, limits: limits({ ui: 'unlimited' }) })).toBe('allow');
  });

  test('leaves to the other rules what has no limits', () => {
    const { ui: _, ...bare } = limits();
    expect(kindOf(effect, click(), { ...deleting, limits: bare })).toBe('allow');
  });
});

"""Words that call a date the one of publication, or of the last change, in the languages of the corpora and more.

Entries are regular expressions, written with | between them. Longer ones come first in the patterns.
"""

from __future__ import annotations

import re


def _parts(text: str) -> tuple[str, ...]:
    return tuple(sorted({entry.strip() for entry in text.split("|") if entry.strip()}, key=len, reverse=True))


PUBLISHED = _parts(
    "first published|originally published|published|publish(?:ed)? date|(?:date )?posted|created|issued|"
    "released|written|date|on air|filed|"
    "veröffentlicht|erstveröffentlicht|erstellt|geschrieben|publiziert|eingestellt|gepostet|verfasst|erschienen|"
    "veröffentlichung|erstmals veröffentlicht|online seit|vom|am|datum|"
    "publiée?|mise? en ligne|paru|parue|écrit|première publication|date de publication|créé|"
    "publicad[oa]|publicación|fecha|creado|criado|publicação|postado|"
    "pubblicat[oa]|pubblicazione|data|scritto|gepubliceerd|geplaatst|publicatiedatum|eerste publicatie|"
    "publicerad|publicerat|skapad|publisert|publiceret|udgivet|offentliggjort|oprettet|julkaistu|julkaisupäivä|"
    "luotu|birt|"
    "opublikowano|opublikowane|dodano|data publikacji|utworzono|publikováno|vydáno|vytvořeno|publikované|"
    "zverejnené|vydané|"
    "objavljeno|objavio|megjelent|közzétéve|publikálva|létrehozva|publicat|publicare|postat|"
    "опубликован[оаы]?|опубліковано|публикация|публікація|публикувано?|дата|дата публикации|создано|создана|створено|"
    "δημοσίευση|δημοσιεύτηκε|δημοσιεύθηκε|ημερομηνία|yayınlanma|yayınlandı|yayın tarihi|yayımlanma|giriş|oluşturulma|"
    "eklenme|dipublikasikan|diterbitkan|terbit|tanggal|đăng|đăng lúc|xuất bản|ngày đăng|"
    "نشر|نُشر|تاريخ النشر|نشر في|منتشر شده|تاریخ انتشار|انتشار|שפורסם|פורסם|פרסום|תאריך|प्रकाशित|প্রকাশ|প্রকাশিত|"
    "发布于?|发布时间|發布於?|發布時間|发表于?|發表|首次发布|刊登|公開日?|掲載日?|配信日?|投稿日?|初回公開|発行|"
    "입력|등록|게시|작성|발행|승인|기사입력|เผยแพร่|โพสต์|pubdate"
)
MODIFIED = _parts(
    "(?:last )?updated?|update|(?:last )?modified|modified|last reviewed|reviewed|(?:last )?edited|revised|"
    "(?:last )?changed|corrected|amended|"
    "aktualisiert|letzte aktualisierung|zuletzt|zuletzt geändert|zuletzt aktualisiert|geändert|aktualisierung|"
    "bearbeitet|"
    "überarbeitet|letzte änderung|letztes update|stand|"
    "mise? à jour|mise à jour|dernière mise à jour|modifiée?|actualisée?|dernière modification|"
    "actualizad[oa]|última actualización|actualización|modificad[oa]|última modificación|"
    "atualizad[oa]|atualização|última atualização|modificação|"
    "aggiornat[oa]|ultimo aggiornamento|aggiornamento|modificat[oa]|ultima modifica|"
    "bijgewerkt|gewijzigd|laatst bijgewerkt|laatste update|aangepast|"
    "uppdaterad|uppdaterat|ändrad|senast uppdaterad|oppdatert|sist oppdatert|endret|opdateret|senest opdateret|"
    "ændret|"
    "päivitetty|muokattu|viimeksi päivitetty|uppfært|"
    "aktualizováno|upraveno|naposledy upraveno|aktualizacja|aktualizowano|zaktualizowano|zmodyfikowano|"
    "ostatnia aktualizacja|"
    "aktualizované|upravené|ažurirano|izmijenjeno|posodobljeno|frissítve|frissült|módosítva|utolsó frissítés|"
    "actualizat|modificat|ultima actualizare|"
    "обновлен[оаы]?|обновление|изменен[оаы]?|редактировано|оновлено|змінено|обновен[аои]?|последна промяна|"
    "ενημέρωση|ενημερώθηκε|τελευταία ενημέρωση|τροποποιήθηκε|"
    "güncelleme|güncellendi|güncellenme|son güncelleme|değiştirilme|diperbarui|diperbaharui|pembaruan|dikemas kini|"
    "cập nhật|sửa đổi|آخر تحديث|تحديث|تم التحديث|عُدّل|تعديل|بروزرسانی|به‌روزرسانی|آخرین ویرایش|ویرایش|"
    "עודכן|עדכון|עדכון אחרון|अपडेट|अद्यतन|संशोधित|আপডেট|হালনাগাদ|"
    "更新于?|更新時間|更新时间|更新日?|最終更新日?|最后更新|最後更新|修改于?|改訂|수정|업데이트|최종수정|แก้ไข|อัปเดต|ปรับปรุง"
)


def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    """Return a pattern for whole words; those of scripts without spaces may touch what stands beside them."""
    unspaced = [word for word in words if re.fullmatch("[\u0e00-\u0eff\u3040-\u9fff\uac00-\ud7af?]+", word)]
    spaced = [word for word in words if word not in unspaced]
    return re.compile(rf"(?<![^\W\d_])(?:{'|'.join(spaced)})(?![^\W\d_])|(?:{'|'.join(unspaced)})", re.IGNORECASE)


PUBLISHED_LABEL = _pattern(PUBLISHED)
MODIFIED_LABEL = _pattern(MODIFIED)
LABEL = _pattern(tuple(sorted((*PUBLISHED, *MODIFIED), key=len, reverse=True)))

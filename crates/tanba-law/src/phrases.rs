//! What the engine itself says, in three languages. The words of the law are in the packs.

use crate::Text;

macro_rules! phrases {
    ($($name:ident: $kk:literal, $ru:literal, $en:literal;)+) => {
        $(pub(crate) fn $name() -> Text { Text::new($kk, $ru, $en) })+
    };
}

phrases! {
    unknown_status:
        "Мәртебесі белгісіз: citizen, foreigner, stateless, asylum_seeker немесе refugee болуы керек.",
        "Статус не распознан: ожидается citizen, foreigner, stateless, asylum_seeker или refugee.",
        "The status is not one of citizen, foreigner, stateless, asylum_seeker, refugee.";
    unknown_trigger:
        "Оқиға (trigger) танылмады; ол тіркеуге негіз бола алмайды.",
        "Событие (trigger) не распознано; оно не может быть основанием для регистрации.",
        "The event (trigger) is not known; it cannot be a ground for registration.";
    unknown_key:
        "Белгісіз кілттер бар; олар ескерілмеді.",
        "Есть неизвестные ключи; они не учтены.",
        "There are keys that are not known; they were not used.";
    malformed_fact:
        "Бір деректің түрі қате; ол берілмеген деп саналды.",
        "Один из фактов записан неверно; он считается не указанным.",
        "A fact has a wrong form; it counts as not given.";
    status_needed:
        "Адамның мәртебесі көрсетілмеген немесе танылмады.",
        "Статус человека не указан или не распознан.",
        "The person's status is not given or not known.";
    panel_not_known:
        "Заң қандай локустарды сақтауға рұқсат ететіні белгісіз: ештеңе сақталмайды.",
        "Неизвестно, какие локусы закон разрешает хранить: ничего не хранится.",
        "It is not known which loci the law lets be stored: nothing is stored.";
    born_needed:
        "Туған күні көрсетілмеген.",
        "Дата рождения не указана.",
        "The birth date is not given.";
    trigger_needed:
        "Тіркеу себебі (оқиға) көрсетілмеген немесе танылмады.",
        "Повод для регистрации (событие) не указан или не распознан.",
        "The event that leads to registration is not given or not known.";
    offence_needed:
        "Қылмыстың ауырлық санаты көрсетілмеген.",
        "Категория тяжести преступления не указана.",
        "The class of the offence is not given.";
    relationship_needed:
        "Хабар-ошарсыз кеткен адамға туыстығы көрсетілмеген.",
        "Родство с пропавшим без вести не указано.",
        "The kinship to the missing person is not given.";
    occasion_needed:
        "Бұл оқиға кезінде үлгі алынбайды; заң басқа сәтті белгілейді.",
        "При этом событии отпечатки не берутся; закон связывает регистрацию с другим случаем.",
        "No samples are taken on this event; the law ties registration to another occasion.";
    recovery_needed:
        "Жарақат жазылғанша күту керек.",
        "Нужно дождаться заживления травмы.",
        "The injury must heal first.";
    recall_date_needed:
        "Қайта шақыру күні белгіленбеген.",
        "Дата повторного приглашения не назначена.",
        "No date is set for coming again.";
    age_to_verify:
        "Жасы 130-дан асқан: туған күнін тексеріңіз.",
        "Возраст больше 130 лет: проверьте дату рождения.",
        "Older than 130 years: verify the birth date.";
    draft_pack:
        "Бұл пакетке заңгер қол қоймаған (жоба): өндірісте қолдануға болмайды.",
        "Пакет не подписан юристом (черновик): в рабочей системе он не действует.",
        "No lawyer has signed this pack (draft): it cannot be used in production.";
    pack_not_signed:
        "Пакетке екі жақ (заңгер мен техник) қол қоймаған: өндірісте қолдануға болмайды.",
        "Пакет не подписан двумя сторонами (юристом и техником): в рабочей системе он не действует.",
        "The pack is not signed by both roles (legal and technical): it cannot be used in production.";
    struck_down:
        "Бұл тәртіптің күші жойылған: ештеңе алынбайды және пайдаланылмайды.",
        "Этот порядок отменён: ничего не берётся и не используется.",
        "This regime was struck down: nothing may be taken or used.";
    hold_without_sanction:
        "Сақтауды ұзарту тек санкциямен болады; санкция жоқ немесе күшінде емес.",
        "Продлить хранение можно только по санкции; её нет, или она не действует.",
        "Keeping longer needs a sanction; there is none, or it is not in force.";
    held:
        "Санкция бойынша сақталады: мерзімі өтті, жою күтіледі.",
        "Хранится по санкции: срок истёк, уничтожение отложено.",
        "Kept under a sanction: its time is over, deletion waits.";
    demonstration:
        "КӨРСЕТІЛІМ: тек ойдан шығарылған адамдар.",
        "ДЕМОНСТРАЦИЯ: только вымышленные люди.",
        "DEMONSTRATION: people who do not exist only.";
    diplomatic_not_settled:
        "Пакетте дипломатиялық мәртебе туралы ереже жоқ; заңгерден сұраңыз.",
        "В пакете нет правила о дипломатическом статусе; спросите юриста.",
        "The pack has no rule on diplomatic status; ask a lawyer.";
    amount_not_known:
        "Бұл күнгі көрсеткіштің мәні белгісіз: сома тек бірліктермен берілген.",
        "Значение показателя на эту дату неизвестно: сумма указана только в единицах.",
        "The value of the index on this date is not known: the amount is given in units only.";
    refusal_not_known:
        "Бас тартудың салдары бұл пакетте белгісіз.",
        "Последствия отказа в этом пакете неизвестны.",
        "What follows a refusal is not known in this pack.";
    no_duty:
        "Заң бұл адамды тіркелуге міндеттемейді: бас тартудың салдары жоқ.",
        "Закон не обязывает этого человека: отказ не влечёт последствий.",
        "The law does not oblige this person: a refusal has no consequence.";
    no_refusal:
        "Бас тарту тіркелмеген.",
        "Отказ не зафиксирован.",
        "No refusal is recorded.";
    complied:
        "Адам тіркелді: бас тарту ісі жабылды.",
        "Человек прошёл регистрацию: дело об отказе закрыто.",
        "The person has been registered: the matter of the refusal is closed.";
    appeal_pending:
        "Шағым қаралуда: шешілгенше ешқандай салдар қолданылмайды.",
        "Подана жалоба: до её рассмотрения последствия не применяются.",
        "An appeal is pending: nothing may follow until it is decided.";
    awaiting_fulfilment:
        "Алдыңғы шара әлі орындалмаған: келесі шара мүмкін емес.",
        "Предыдущая мера ещё не исполнена: следующая невозможна.",
        "The previous measure is not fulfilled yet: the next one is not possible.";
    awaiting_refusal:
        "Алдыңғы шарадан кейін қайта бас тарту болған жоқ: келесі шара мүмкін емес.",
        "После предыдущей меры нового отказа не было: следующая мера невозможна.",
        "There was no new refusal after the previous measure: the next one is not possible.";
    ladder_exhausted:
        "Заңда көзделген барлық шаралар қолданылды.",
        "Все предусмотренные законом меры уже применены.",
        "Everything that the law provides has been applied.";
    may_be_decided:
        "Бұл шараны уәкілетті орган қабылдай алады; ол ешқашан автоматты түрде қолданылмайды.",
        "Эту меру может принять уполномоченный орган; автоматически она не применяется никогда.",
        "The authority may decide this; it never happens by itself.";
    body_needed: "Сұрау салушы орган көрсетілмеген.", "Не указан запрашивающий орган.", "The requesting body is not named.";
    officer_needed:
        "Нақты лауазымды адам көрсетілмеген.", "Не указано должностное лицо.", "No officer is named.";
    purpose_needed: "Мақсаты көрсетілмеген.", "Не указана цель.", "No purpose is given.";
    legal_basis_needed: "Құқықтық негізі көрсетілмеген.", "Не указано правовое основание.", "No legal basis is given.";
    case_needed: "Іс нөмірі көрсетілмеген.", "Не указан номер дела.", "No case is given.";
    access_not_known:
        "Бұл пакетте кім қарай алатыны белгісіз: рұқсат берілмейді.",
        "В этом пакете неизвестно, кто имеет доступ: в доступе отказано.",
        "Who may look is not known in this pack: denied.";
    body_not_listed:
        "Бұл орган тізімде жоқ: оған ештеңе көрсетілмейді.",
        "Этого органа нет в перечне: ему ничего не выдаётся.",
        "This body is not listed: it gets nothing.";
    purpose_not_listed:
        "Бұл мақсат осы орган үшін көзделмеген.",
        "Эта цель для этого органа не предусмотрена.",
        "This purpose is not provided for this body.";
    act_not_listed:
        "Бұл әрекет немесе дерек түрі осы орган мен мақсат үшін көзделмеген.",
        "Это действие или вид данных для этого органа и цели не предусмотрены.",
        "This act or kind of data is not provided for this body and purpose.";
    sanction_needed:
        "Жоғарырақ органның рұқсаты (санкция) қажет.",
        "Требуется санкция вышестоящего органа или суда.",
        "A sanction of the authority that the rule names is needed.";
    sanction_wrong_authority:
        "Санкцияны ережеде аталған орган бермеген.",
        "Санкция выдана не тем органом, который назван в правиле.",
        "The sanction does not come from the authority that the rule names.";
    sanction_not_in_force:
        "Санкцияның мерзімі әлі басталмаған немесе өтіп кеткен.",
        "Срок санкции ещё не наступил или истёк.",
        "The sanction is not yet, or no longer, in force.";
    sanction_used_up: "Санкция толық пайдаланылған.", "Санкция исчерпана.", "The sanction is used up.";
    sanction_other_purpose: "Санкция басқа мақсатқа берілген.", "Санкция дана на другую цель.", "The sanction is for another purpose.";
    sanction_other_subject: "Санкция басқа адамға қатысты.", "Санкция касается другого лица.", "The sanction concerns another person.";
    sanction_same_person:
        "Сұраушы, мақұлдаушы және санкция беруші әртүрлі адамдар болуы керек.",
        "Запрашивающий, согласующий и выдавший санкцию должны быть разными людьми.",
        "The requester, the approver and the issuer of the sanction must be different people.";
    sanction_beyond_term:
        "Санкция заң рұқсат ететін мерзімнен ұзақ немесе тым көп ұзартылған.",
        "Санкция дана на больший срок, чем допускает закон, или продлена слишком много раз.",
        "The sanction is longer than the law allows, or was extended too often.";
    narrower_search_first:
        "Алдымен тарырақ тізілімнен іздеу керек; оның нәтижесі осы іске жазылуы тиіс.",
        "Сначала ведётся поиск в более узком реестре; его результат записывается в это дело.",
        "A narrower register is searched first; that search must be recorded in this case.";
    urgent_review:
        "Шұғыл жол: рұқсат кейін тексеріледі; негізсіз болса, алушылар деректі жояды.",
        "Срочный порядок: доступ проверяется позже; если он не обоснован, получатели уничтожают данные.",
        "Urgent path: the access is reviewed afterwards; if it was not justified, every recipient erases the data.";
    retention_not_known:
        "Сақтау мерзімі бұл пакетте белгісіз.",
        "Срок хранения в этом пакете неизвестен.",
        "How long it is kept is not known in this pack.";
    out_of_force:
        "Пакет бұл күні күшінде емес.", "Пакет на эту дату не действует.", "The pack is not in force on this date.";
}
